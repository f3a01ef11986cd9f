import { setTimeout as sleep } from "node:timers/promises";
import {
  type BatchResultErrorEntry,
  type MessageAttributeValue,
  PublishBatchCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { backoffMs } from "@event-pipeline/event-model/batching";
import { pMapIterable } from "p-map";
import { concernsEveryRequest, explained, isThrottled } from "../aws-errors";
import type { OperationError } from "../errors";
import type { Pipeline } from "../pipeline";
import { batchesOf } from "./batches";
import type { Attributes, Outgoing } from "./event-message";

/** Requests under way at once. */
const CONCURRENCY = 8;

/** Times that what SNS did not take of a batch is sent again. */
const RETRIES = 5;

/** What became of one message. */
export interface Published {
  readonly line: number;
  /** SNS's; absent when it did not take the message. */
  readonly messageId?: string;
  /** Why not. */
  readonly error?: PublishError;
}

export interface PublishError {
  readonly code: string;
  readonly reason: string;
  /** Whether it is no fault of this message: publishing ends with the same error. */
  readonly endsAll?: boolean;
}

export interface PublishProps {
  readonly attributes?: Attributes;
  /**
   * Tenant that the messages belong to, for fair queues.
   * @default - none
   */
  readonly groupId?: string | undefined;
  /** Messages a second. @default - as fast as SNS takes them */
  readonly rate?: number | undefined;
  /** Takes no more messages when it aborts; those under way are finished and reported. */
  readonly signal: AbortSignal;
}

/**
 * Publishes messages in batches, several at once, and says of each what became
 * of it, in their order. What SNS did not take of a batch is sent again, five
 * times at most. As with any publisher, an answer that is lost on the way may
 * stand for a message that was taken.
 *
 * @param groups - Messages within SNS's limit, in groups of any size. A refused one is reported in its turn.
 * @throws OperationError when no further message has a chance (credentials, no
 * such topic, nobody answers), after what is known of those before.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export async function* publish(
  pipeline: Pipeline,
  groups: AsyncIterable<readonly Outgoing[]>,
  { attributes = {}, groupId, rate, signal }: PublishProps,
): AsyncGenerator<Published, void, void> {
  const topicArn = await pipeline.topicArn();
  const fatal = new AbortController();
  let fatalError: OperationError | undefined;
  const send = async (batch: readonly Outgoing[]): Promise<Published[]> => {
    const refused = batch.flatMap(({ line, refusal }) =>
      refusal === undefined ? [] : { line, error: { code: "Refused", reason: refusal } },
    );
    const sent = batch.filter(({ refusal }) => refusal === undefined);
    try {
      const results = await sendBatch(pipeline, { topicArn, attributes, groupId, batch: sent });
      return [...refused, ...results].sort((one, other) => one.line - other.line);
    } catch (cause) {
      const known = explained(cause, pipeline.description);
      fatalError ??= known;
      fatal.abort();
      const error: PublishError = { code: known.name, reason: known.message, endsAll: true };
      return [...refused, ...sent.map(({ line }) => ({ line, error }))];
    }
  };
  const batches = batchesOf(groups, { attributes, rate, signal: AbortSignal.any([signal, fatal.signal]) });
  for await (const results of pMapIterable(batches, send, { concurrency: CONCURRENCY })) yield* results;
  if (fatalError) throw fatalError;
}

interface BatchProps {
  readonly topicArn: string;
  readonly attributes: Attributes;
  readonly groupId: string | undefined;
  readonly batch: readonly Outgoing[];
}

/** @throws whatever concerns every other request too. */
async function sendBatch(pipeline: Pipeline, props: BatchProps): Promise<Published[]> {
  const { topicArn, attributes, groupId, batch } = props;
  const results = new Map<number, Published>();
  let left = batch;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    const again: Outgoing[] = [];
    const failedBy = (outgoing: Outgoing, { Code = "Unknown", Message = "", SenderFault }: BatchResultErrorEntry) => {
      results.set(outgoing.line, { line: outgoing.line, error: { code: Code, reason: Message } });
      if (!SenderFault && attempt < RETRIES) again.push(outgoing);
    };
    try {
      const { Successful = [], Failed = [] } = await pipeline.client(SNSClient).send(
        new PublishBatchCommand({
          TopicArn: topicArn,
          PublishBatchRequestEntries: left.map(({ message }, index) => ({
            Id: String(index),
            Message: message,
            MessageAttributes: messageAttributes(attributes),
            ...(groupId !== undefined && { MessageGroupId: groupId }),
          })),
        }),
      );
      const answers = new Map<string, BatchResultErrorEntry | { MessageId?: string | undefined }>();
      for (const entry of [...Successful, ...Failed]) answers.set(String(entry.Id), entry);
      for (const [index, outgoing] of left.entries()) {
        const answer = answers.get(String(index));
        if (answer && "MessageId" in answer && answer.MessageId) {
          results.set(outgoing.line, { line: outgoing.line, messageId: answer.MessageId });
        } else {
          failedBy(outgoing, (answer as BatchResultErrorEntry) ?? NO_ANSWER);
        }
      }
    } catch (error) {
      if (concernsEveryRequest(error)) throw error;
      // A message that SNS does not take may have kept its neighbours from being taken.
      if (left.length > 1 && !isThrottled(error) && isRefusal(error)) {
        for (const outgoing of left) {
          const [result] = await sendBatch(pipeline, { ...props, batch: [outgoing] });
          if (result) results.set(outgoing.line, result);
        }
        break;
      }
      const { name, message } = error as Error;
      for (const outgoing of left) {
        failedBy(outgoing, {
          Id: "",
          Code: name,
          Message: message,
          SenderFault: isRefusal(error) && !isThrottled(error),
        });
      }
    }
    left = again;
    if (left.length > 0) await sleep(backoffMs(attempt));
  }
  return batch.map(({ line }) => results.get(line) ?? { line, error: { code: "Unknown", reason: "SNS did not say." } });
}

const NO_ANSWER: BatchResultErrorEntry = {
  Id: "",
  Code: "NoAnswer",
  Message: "SNS's answer does not name it.",
  SenderFault: false,
};

/** Whether the request itself is at fault, so that the same one fails again. */
function isRefusal(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

function messageAttributes(attributes: Attributes): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
  );
}
