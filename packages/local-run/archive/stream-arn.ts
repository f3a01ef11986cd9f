import { ACCOUNT_ID } from "@event-pipeline/local-aws/account";
import type { Block } from "@event-pipeline/terraform-json/stack-json";

/** ARN of an `aws_kinesis_firehose_delivery_stream` in this run. */
export function streamArn(stream: Block, region: string): string {
  return `arn:aws:firehose:${region}:${ACCOUNT_ID}:deliverystream/${stream.get("name")}`;
}
