import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import { ACCOUNT_ID } from "../account";
import type { LambdaFunction } from "./function";
import { LATEST } from "./lambda";

/** Returns a function's present configuration, without what a local function does not have, such as an archive's size. */
export async function functionConfiguration(fn: LambdaFunction): Promise<FunctionConfiguration> {
  await fn.refresh();
  const { arn, lastModified, environment, options } = fn;
  const { name, handler, timeoutSeconds, memoryMb, roleName, logGroup } = options;
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: `nodejs${process.versions.node.split(".")[0]}.x` as "nodejs24.x",
    Role: `arn:aws:iam::${ACCOUNT_ID}:role/${roleName}`,
    Handler: handler,
    Timeout: timeoutSeconds,
    MemorySize: memoryMb,
    LastModified: lastModified.toISOString().replace("Z", "+0000"),
    Version: LATEST,
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: { ...environment } } }),
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    LoggingConfig: { LogGroup: logGroup },
  };
}
