import {
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { backoffMs } from "@event-pipeline/event-model/batching";
import { isThrottled } from "../aws-errors";
import { pause } from "../pause";
import { retryOnThrottle } from "../retry-on-throttle";

/** A message for a queue. */
export interface Outgoing {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
  /** Tenant that the message belongs to, in a fair queue. */
  readonly groupId?: string | undefined;
  /** X-Ray's trace that the message belongs to. */
  readonly traceHeader?: string | undefined;
}

/** What became of messages that were sent. */
export interface Sent<T extends Outgoing> {
  /** The id that SQS gave each that it took. */
  readonly idByTaken: ReadonlyMap<T, string>;
  /** Why it takes the others never. */
  readonly errorByRefused: ReadonlyMap<T, Error>;
  /** Why it did not take the others at present, however often it was asked. */
  readonly errorByUnsent: ReadonlyMap<T, Error>;
}

/** The same, while it comes to be known. */
interface Sending<T extends Outgoing> extends Sent<T> {
  readonly idByTaken: Map<T, string>;
  readonly errorByRefused: Map<T, Error>;
  readonly errorByUnsent: Map<T, Error>;
}

/** Entries that SendMessageBatch takes. */
export const MAX_ENTRIES = 10;
/** Where the queue does not say how much it takes. */
const DEFAULT_MAX_BYTES = 262_144;
/** How often SQS is asked again for messages that it does not take at present. */
const MAX_RETRIES = 10;

/** Sends to one queue, in as few requests as it allows. */
export class QueueSender {
  private constructor(
    private readonly sqs: SQSClient,
    readonly queueUrl: string,
    /** Of one message and of one request: what is set on the queue bounds both. */
    readonly maxBytes: number,
  ) {}

  static async to(sqs: SQSClient, queueUrl: string): Promise<QueueSender> {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["MaximumMessageSize"] });
    const { Attributes } = await retryOnThrottle(() => sqs.send(command));
    return new QueueSender(sqs, queueUrl, Number(Attributes?.MaximumMessageSize ?? DEFAULT_MAX_BYTES));
  }

  /**
   * Each message is in one of the lists when this returns; one that SQS was asked
   * for again after its answer was lost may be in the queue twice.
   *
   * @throws what SQS answers that is not about these messages, such as a missing permission.
   */
  async send<T extends Outgoing>(messages: readonly T[]): Promise<Sent<T>> {
    const sending: Sending<T> = { idByTaken: new Map(), errorByRefused: new Map(), errorByUnsent: new Map() };
    for (const batch of this.batches(messages, sending)) await this.sendBatch(batch, sending);
    return sending;
  }

  private *batches<T extends Outgoing>(messages: readonly T[], { errorByRefused }: Sending<T>): Generator<T[]> {
    let batch: T[] = [];
    let bytes = 0;
    for (const message of messages) {
      const size = bytesOf(message);
      if (size > this.maxBytes) {
        errorByRefused.set(message, new Error(`It has ${size} bytes, and the queue takes ${this.maxBytes}.`));
        continue;
      }
      if (batch.length === MAX_ENTRIES || bytes + size > this.maxBytes) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(message);
      bytes += size;
    }
    if (batch.length > 0) yield batch;
  }

  private async sendBatch<T extends Outgoing>(batch: readonly T[], sending: Sending<T>): Promise<void> {
    const { idByTaken, errorByRefused, errorByUnsent } = sending;
    let left = batch;
    for (let retry = 0; ; retry += 1) {
      let reason: Error;
      try {
        const { Successful = [], Failed = [] } = await this.sqs.send(
          new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries: left.map(entryOf) }),
        );
        for (const { Id, MessageId = "" } of Successful) idByTaken.set(left[Number(Id)] as T, MessageId);
        for (const { Id, SenderFault, Code, Message = "" } of Failed) {
          if (SenderFault) errorByRefused.set(left[Number(Id)] as T, new Error(`${Code}: ${Message}`));
        }
        left = left.filter((message) => !idByTaken.has(message) && !errorByRefused.has(message));
        if (left.length === 0) return;
        const [{ Code, Message = "" } = { Code: "SQS did not answer for it", Message: "" }] = Failed;
        reason = new Error(`${Code}: ${Message}`);
      } catch (error) {
        if (isRefusal(error)) return this.isolate(left, error, sending);
        if (!isThrottled(error)) throw error;
        reason = error as Error;
      }
      if (retry === MAX_RETRIES) {
        for (const message of left) errorByUnsent.set(message, reason);
        return;
      }
      await pause(backoffMs(retry));
    }
  }

  /** One bad message makes SQS refuse the whole request: halves it until that one stands alone. */
  private async isolate<T extends Outgoing>(batch: readonly T[], refusal: Error, sending: Sending<T>): Promise<void> {
    if (batch.length === 1) {
      sending.errorByRefused.set(batch[0] as T, new Error(`${refusal.name}: ${refusal.message}`));
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) await this.sendBatch(half, sending);
  }
}

function entryOf({ body, attributes, groupId, traceHeader }: Outgoing, index: number): SendMessageBatchRequestEntry {
  return {
    Id: String(index),
    MessageBody: body,
    ...(attributes && Object.keys(attributes).length > 0 && { MessageAttributes: { ...attributes } }),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(traceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: traceHeader } },
    }),
  };
}

/** Bytes that SQS counts: the body, and of each attribute name, type and value; system attributes and the group are free. */
function bytesOf({ body, attributes = {} }: Outgoing): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType = "", StringValue = "", BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.byteLength ?? 0;
  }
  return bytes;
}

/** That SQS takes no such request, as opposed to none at all or none now. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /BatchRequestTooLong|Invalid(MessageContents|ParameterValue)/.test(error.name);
}
