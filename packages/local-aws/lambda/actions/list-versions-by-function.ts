import type { ListVersionsByFunctionRequest, ListVersionsByFunctionResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { pageOf } from "../../page";
import { functionConfiguration } from "../configuration";
import { type Lambda, MAX_ITEMS } from "../lambda";

export const ListVersionsByFunction: Action<ListVersionsByFunctionRequest, ListVersionsByFunctionResponse, Lambda> = {
  handles: ["FunctionName", "Marker", "MaxItems"],
  differs: "returns `$LATEST` only, because no version can be published",
  async run({ FunctionName, Marker, MaxItems = MAX_ITEMS }, lambda) {
    const { page, next } = pageOf([lambda.find(FunctionName)], Marker, Math.min(MaxItems, MAX_ITEMS));
    return { Versions: await Promise.all(page.map(functionConfiguration)), NextMarker: next };
  },
};
