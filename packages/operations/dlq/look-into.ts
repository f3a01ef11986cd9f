import { SQSClient } from "@aws-sdk/client-sqs";
import type { Pipeline } from "../pipeline";
import { type Looked, type LookProps, look } from "./peek-queue";
import { deadLetterQueueOf, deadLetterQueueUrl } from "./resolve-dead-letter-queue";

/** Looks into a dead-letter queue of the pipeline, which `queue` names as `--queue` does. */
export async function lookInto(
  pipeline: Pipeline,
  queue: string | undefined,
  props: Omit<LookProps, "sqs" | "queueUrl">,
): Promise<Looked> {
  const queueUrl = await deadLetterQueueUrl(pipeline, deadLetterQueueOf(pipeline, queue));
  return look({ sqs: pipeline.client(SQSClient), queueUrl, ...props });
}
