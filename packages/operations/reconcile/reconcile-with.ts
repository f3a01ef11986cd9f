import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type AttributeName, DATA_ATTRIBUTES } from "@event-pipeline/event-model/item/attributes";
import { NO_CODE } from "../dlq/dead-letter-message";
import { look } from "../dlq/peek-queue";
import { eventTtlDays } from "../event-ttl";
import type { Pipeline } from "../pipeline";
import { queueFilter } from "../queue-filter";
import { queueCounts } from "../sqs/queue-counts";
import { StoredItems } from "../table/stored-items";
import { type Elsewhere, type Reconciled, type ReconcileProps, reconcile } from "./reconcile";

export type ReconcileWithProps = Pick<
  ReconcileProps,
  "span" | "compareData" | "onUnreadable" | "onProgress" | "signal"
>;

export interface ReconciledWith extends Reconciled {
  /** Whether nobody could say when events expire, so that those that have count as missing. */
  readonly isTtlUnknown: boolean;
}

/** Reconciles the pipeline's archive with its table. */
export async function reconcileWith(pipeline: Pipeline, props: ReconcileWithProps): Promise<ReconciledWith> {
  const [bucket, filter, ttlDays] = await Promise.all([
    pipeline.rawBucket(),
    queueFilter(pipeline),
    eventTtlDays(pipeline),
  ]);
  const attributes: AttributeName[] = ["message_id", ...(props.compareData ? DATA_ATTRIBUTES : [])];
  const reconciled = await reconcile({
    ...props,
    archive: { s3: pipeline.client(S3Client), bucket },
    items: new StoredItems(pipeline.client(DynamoDBClient), pipeline.names.table, attributes),
    filter,
    eventTtlDays: ttlDays ?? 0,
    elsewhere: queuesOf(pipeline, props.signal),
  });
  return { ...reconciled, isTtlUnknown: ttlDays === undefined };
}

function queuesOf(pipeline: Pipeline, signal: AbortSignal | undefined): Elsewhere {
  const sqs = pipeline.client(SQSClient);
  const { queueName, deadLetterQueueName } = pipeline.processor;
  return {
    deadLettered: async (messageIds) => {
      const codes = new Map<string, string>();
      const queueUrl = await pipeline.queueUrl(deadLetterQueueName);
      const { visible } = await queueCounts(sqs, queueUrl);
      if (visible === 0) return codes;
      const onLetter = ({
        snsMessageId,
        code = NO_CODE,
      }: {
        snsMessageId: string | undefined;
        code: string | undefined;
      }) => {
        if (snsMessageId !== undefined && messageIds.has(snsMessageId)) codes.set(snsMessageId, code);
        return codes.size === messageIds.size ? ("enough" as const) : undefined;
      };
      await look({ sqs, queueUrl, signal, onLetter });
      return codes;
    },
    waiting: async () => {
      const { visible, inFlight, delayed } = await queueCounts(sqs, await pipeline.queueUrl(queueName));
      return visible + inFlight + delayed;
    },
  };
}
