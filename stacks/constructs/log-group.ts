import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { Construct } from "constructs";
import { addBlock } from "../terraform";
import type { SharedProps } from "./shared-props";

/** Adds a log group with the pipeline's retention and key. */
export function addLogGroup(
  scope: Construct,
  id: string,
  { logRetentionDays, logsKmsKeyArn }: SharedProps,
  { address, name }: { readonly address: string; readonly name: string },
): CloudwatchLogGroup {
  return addBlock(scope, CloudwatchLogGroup, id, address, {
    name,
    retentionInDays: logRetentionDays,
    ...(logsKmsKeyArn !== undefined && { kmsKeyId: logsKmsKeyArn }),
  });
}
