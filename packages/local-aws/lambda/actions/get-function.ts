import type { GetFunctionRequest, GetFunctionResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { functionConfiguration } from "../configuration";
import type { Lambda } from "../lambda";

export const GetFunction: Action<GetFunctionRequest, GetFunctionResponse, Lambda> = {
  handles: ["FunctionName", "Qualifier"],
  differs: "returns no `Code`, because the code is in a local folder",
  run: async ({ FunctionName, Qualifier }, lambda) => ({
    Configuration: await functionConfiguration(lambda.find(FunctionName, Qualifier)),
  }),
};
