import type { FunctionConfiguration, GetFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { functionConfiguration } from "../configuration";
import type { Lambda } from "../lambda";

export const GetFunctionConfiguration: Action<GetFunctionConfigurationRequest, FunctionConfiguration, Lambda> = {
  handles: ["FunctionName", "Qualifier"],
  differs: "has this Node.js version as `Runtime`, and no `CodeSize` and `CodeSha256`",
  run: ({ FunctionName, Qualifier }, lambda) => functionConfiguration(lambda.find(FunctionName, Qualifier)),
};
