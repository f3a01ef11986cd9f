import { ACCOUNT_ID } from "../aws/account";
import type { Block } from "../terraform/stack-json";

/** The queue that stands for a stream's own storage. */
export function intakeQueueName(stream: Block): string {
  return `${stream.get("name")}-firehose-intake`;
}

export function queueArn(name: string, region: string): string {
  return `arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`;
}
