import type { ListVersionsByFunctionRequest, ListVersionsByFunctionResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { functionConfiguration } from "../configuration";
import type { Lambda } from "../lambda";
import { pageOf } from "../page";

export const ListVersionsByFunction: Action<ListVersionsByFunctionRequest, ListVersionsByFunctionResponse, Lambda> = {
  handles: ["FunctionName", "Marker", "MaxItems"],
  differs: "returns `$LATEST` only, because no version can be published",
  run({ FunctionName, Marker, MaxItems }, lambda) {
    const { page, ...next } = pageOf([lambda.find(FunctionName)], Marker, MaxItems);
    return { Versions: page.map(functionConfiguration), ...next };
  },
};
