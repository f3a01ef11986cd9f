import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { UsageError } from "../errors";
import type { Pipeline } from "../pipeline";
import { StoredItems } from "../table/stored-items";
import { type FollowedLetters, follow } from "./follow-redrive";
import { type Destination, queueDestination } from "./queue-destination";
import { type Redriven, type RedriveProps, redrive, type SentLetter } from "./redrive";
import { type DeadLetterQueue, deadLetterQueueOf, deadLetterQueueUrl } from "./resolve-dead-letter-queue";
import { SubscriptionDestination } from "./subscription-destination";

export interface RedriveFromProps extends Pick<RedriveProps, "filter" | "rate" | "signal" | "onProgress"> {
  /** As `--queue` names it. */
  readonly queue: string | undefined;
  /**
   * Milliseconds to wait for what becomes of the letters.
   * @default - it does not wait
   */
  readonly waitMs?: number | undefined;
  readonly onFollow?: (outcome: FollowedLetters) => void;
}

export interface RedrivenFrom {
  readonly redriven: Redriven;
  /** Absent where nobody waited. */
  readonly outcome?: FollowedLetters;
}

/** Redrives a dead-letter queue of the pipeline, and on request waits for the outcome. */
export async function redriveFrom(
  pipeline: Pipeline,
  { queue, waitMs, onFollow, ...props }: RedriveFromProps,
): Promise<RedrivenFrom> {
  const sqs = pipeline.client(SQSClient);
  const dlq = deadLetterQueueOf(pipeline, queue);
  if (waitMs !== undefined && !dlq.consumer) {
    throw new UsageError(
      "Who gets undelivered events differs: leave out --wait. See: event-pipeline dlq list --queue undelivered",
    );
  }
  const queueUrl = await deadLetterQueueUrl(pipeline, dlq);
  const sent: SentLetter[] = [];
  const destination = await destinationOf(pipeline, dlq);
  const redriven = await redrive({ ...props, sqs, queueUrl, destination }, (letter) => {
    if (waitMs !== undefined) sent.push(letter);
  });
  if (waitMs === undefined || !dlq.consumer) return { redriven };
  const isOut = ({ sqsMessageId }: SentLetter) => sqsMessageId !== undefined && redriven.backIds.has(sqsMessageId);
  const outcome = await follow(
    sent.filter((letter) => !isOut(letter)),
    {
      sqs,
      queueUrl: await pipeline.queueUrl(dlq.consumer.queueName),
      deadLetterQueueUrl: queueUrl,
      items: dlq.isProcessor ? new StoredItems(pipeline.client(DynamoDBClient), pipeline.names.table, []) : undefined,
      timeoutMs: waitMs,
      signal: props.signal,
      ...(onFollow && { onProgress: onFollow }),
    },
  );
  return { redriven, outcome };
}

async function destinationOf(pipeline: Pipeline, { consumer }: DeadLetterQueue): Promise<Destination> {
  return consumer ? queueDestination(pipeline, consumer.queueName) : SubscriptionDestination.of(pipeline);
}
