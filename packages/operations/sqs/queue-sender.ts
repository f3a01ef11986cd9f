import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from "@aws-sdk/client-sqs";
import { sendInBatches } from "@event-pipeline/event-model/batching";
import { isThrottled } from "../aws-errors";
import { readBatchResponse, retryOnThrottle, retryUpTo } from "../retry";
import type { SqsQueue } from "./queue-counts";

/** A message to send to a queue, with its attributes, its tenant in a fair queue, and its X-Ray trace. */
export type QueueMessage = Omit<SendMessageBatchRequestEntry, "Id">;

/** Entries in one SendMessageBatch request. */
export const MAX_ENTRIES = 10;
/** The limit of a queue that does not name its own. */
const DEFAULT_MAX_BYTES = 262_144;
const MAX_RETRIES = 10;

/**
 * Sends messages to one queue, in as few requests as possible.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
export class QueueSender {
  private constructor(
    readonly queue: SqsQueue,
    /** The queue's limit for one message, which is also that of one request. */
    private readonly maxBytes: number,
  ) {}

  static async open(queue: SqsQueue): Promise<QueueSender> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queue.queueUrl,
      AttributeNames: ["MaximumMessageSize"],
    });
    const { Attributes } = await retryOnThrottle(() => queue.sqs.send(command));
    return new QueueSender(queue, Number(Attributes?.MaximumMessageSize ?? DEFAULT_MAX_BYTES));
  }

  /**
   * Sends the message of each value. If SQS's answer to a request is lost, the retry may add its messages twice.
   *
   * @returns the values, each in one map: with the MessageId from SQS if it was sent, with the reason if SQS never
   * accepts it, and with the reason if SQS did not accept it in spite of all retries.
   * @throws the error of SQS when it concerns more than these messages, such as a missing permission.
   */
  async send<T>(values: readonly T[], messageOf: (value: T) => QueueMessage) {
    const idBySent = new Map<T, string>();
    const errorByRejected = new Map<T, Error>();
    const messageByValue = new Map(values.map((value) => [value, messageOf(value)]));
    const message = (value: T) => messageByValue.get(value) as QueueMessage;
    for (const value of values) {
      const bytes = bytesOf(message(value));
      if (bytes <= this.maxBytes) continue;
      errorByRejected.set(value, new Error(`The message has ${bytes} bytes. The queue allows ${this.maxBytes}.`));
    }
    const sendable = values.filter((value) => !errorByRejected.has(value));
    const { refused, unsent } = await sendInBatches(sendable, {
      limits: { maxCount: MAX_ENTRIES, maxBytes: this.maxBytes },
      bytesOf: (value) => bytesOf(message(value)),
      isRefusal,
      isRetryable: isThrottled,
      isSequential: true,
      waitToRetry: retryUpTo(MAX_RETRIES),
      send: async (batch) => {
        const Entries = batch.map((value, index) => ({ Id: String(index), ...message(value) }));
        const command = new SendMessageBatchCommand({ QueueUrl: this.queue.queueUrl, Entries });
        return readBatchResponse(batch, await this.queue.sqs.send(command), idBySent);
      },
    });
    for (const [value, { name, message: reason }] of refused) {
      errorByRejected.set(value, new Error(`${name}: ${reason}`));
    }
    const errorByUnsent = new Map([...unsent].map(([value, { error }]) => [value, error as Error]));
    return { idBySent, errorByRejected, errorByUnsent };
  }
}

/** Returns the size as SQS counts it: the body, and each attribute's name, type and value. */
function bytesOf({ MessageBody = "", MessageAttributes = {} }: QueueMessage): number {
  let bytes = Buffer.byteLength(MessageBody);
  for (const [name, { DataType = "", StringValue = "", BinaryValue }] of Object.entries(MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.byteLength ?? 0;
  }
  return bytes;
}

/** Returns whether the request itself is invalid, so that a retry fails too. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /BatchRequestTooLong|Invalid(MessageContents|ParameterValue)/.test(error.name);
}
