import type { ListFunctionsRequest, ListFunctionsResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { pageOf } from "../../page";
import { functionConfiguration } from "../configuration";
import { type Lambda, MAX_ITEMS } from "../lambda";

export const ListFunctions: Action<ListFunctionsRequest, ListFunctionsResponse, Lambda> = {
  // Each function has one version only, so that FunctionVersion makes no difference.
  handles: ["FunctionVersion", "Marker", "MaxItems"],
  async run({ Marker, MaxItems = MAX_ITEMS }, lambda) {
    const { page, next } = pageOf(lambda.functions, Marker, Math.min(MaxItems, MAX_ITEMS));
    return { Functions: await Promise.all(page.map(functionConfiguration)), NextMarker: next };
  },
};
