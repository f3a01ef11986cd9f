import type { ListFunctionsRequest, ListFunctionsResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { functionConfiguration } from "../configuration";
import type { Lambda } from "../lambda";
import { pageOf } from "../page";

export const ListFunctions: Action<ListFunctionsRequest, ListFunctionsResponse, Lambda> = {
  // Each function has one version only, so that FunctionVersion makes no difference.
  handles: ["FunctionVersion", "Marker", "MaxItems"],
  run({ Marker, MaxItems }, lambda) {
    const { page, ...next } = pageOf(lambda.functions, Marker, MaxItems);
    return { Functions: page.map(functionConfiguration), ...next };
  },
};
