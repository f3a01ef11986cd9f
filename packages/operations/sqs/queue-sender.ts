import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from "@aws-sdk/client-sqs";
import { sendInBatches } from "@event-pipeline/event-model/batching";
import { isThrottled } from "../aws-errors";
import { CredentialsError, NotDeployedError, type OperationError } from "../errors";
import { readBatchResponse, retryOnThrottle, retryUpTo } from "../retry";
import type { SqsQueue } from "./queue-counts";

/** A message to send to a queue. It may have attributes, a MessageGroupId and a trace header. */
export type QueueMessage = Omit<SendMessageBatchRequestEntry, "Id">;

export const MAX_ENTRIES = 10;
/** The maximum message size if the queue's attributes have none. */
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
    /** The queue's maximum message size in bytes, which also limits one request. */
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
   * Sends one message per value. If the response from SQS is lost, the retry may send messages twice.
   *
   * @param idBySent - Receives the MessageId of each sent message, including those that were sent before an error.
   * @returns three maps, with each value in one of them: the MessageIds of sent messages, the errors of messages
   * that SQS rejected, and the errors of messages that SQS did not accept after all retries.
   * @throws the error from SQS when it concerns other messages too, such as a missing permission.
   */
  async send<T>(values: readonly T[], messageOf: (value: T) => QueueMessage, idBySent = new Map<T, string>()) {
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

/** Returns whether the error proves that the request had no effect. */
export function isRejection(error: OperationError): boolean {
  return error instanceof CredentialsError || error instanceof NotDeployedError || isThrottled(error.cause);
}

/** Returns a message's size as SQS counts it: the body, and each attribute's name, type and value. */
function bytesOf({ MessageBody = "", MessageAttributes = {} }: QueueMessage): number {
  let bytes = Buffer.byteLength(MessageBody);
  for (const [name, { DataType = "", StringValue = "", BinaryValue }] of Object.entries(MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.byteLength ?? 0;
  }
  return bytes;
}

/** Returns whether SQS rejected the request itself, so that a retry would fail too. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /BatchRequestTooLong|Invalid(MessageContents|ParameterValue)/.test(error.name);
}
