import type { MessageSystemAttributeName } from "@aws-sdk/client-sqs";
import type { Clock } from "../clock";
import type { MessageAttributes } from "../observer";

/** A message in the storage. */
export interface StoredMessage {
  readonly id: string;
  /** Name of the queue. */
  queue: string;
  readonly body: string;
  /** Attributes, with Base64 instead of bytes. */
  readonly attributes?: StoredAttributes | undefined;
  readonly senderId: string;
  /** Time when the message was sent, in milliseconds since 1970. A dead-letter queue keeps it. */
  readonly sentAt: number;
  /** Time when the message's delay ends. */
  readonly delayedUntil: number;
  readonly groupId?: string | undefined;
  readonly traceHeader?: string | undefined;
  /** ARN of the queue from which the message was moved to its dead-letter queue. */
  deadLetterSourceArn?: string;
  /** Number of receives in all queues. */
  receives: number;
  /** Number of receives in other queues before. */
  formerReceives: number;
  firstReceivedAt?: number;
}

type StoredAttributes = Readonly<
  Record<string, { readonly DataType: string; readonly StringValue?: string; readonly Base64?: string }>
>;

/** A message in a queue, with its state. */
export class QueuedMessage {
  state: "delayed" | "visible" | "in flight" = "delayed";
  /** Position among the visible messages, or the time when the delay or the visibility timeout ends. */
  rank = 0;
  /** Place among the messages in the same state. */
  place = -1;
  /** Place among all messages of the queue, which expire. */
  expiryPlace = -1;
  /** Identifies the last receive. As on AWS, only its receipt handle deletes the message. */
  receipt: string | undefined;
  receivedAt = 0;
  hasDuplicate = false;
  /** Clock of the visibility timeout. */
  leaseClock: Clock | undefined;

  /** @param isDuplicate - True for one more delivery of a message, which is not stored. */
  constructor(
    readonly stored: StoredMessage,
    readonly isDuplicate = false,
  ) {}

  /** Returns what the storage keeps. A receive is not stored before its visibility timeout ends. */
  toJSON(): StoredMessage {
    const { stored, state } = this;
    return state === "in flight" ? { ...stored, receives: stored.receives - 1 } : stored;
  }
}

export function storedAttributes(attributes: MessageAttributes): StoredAttributes | undefined {
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    const value =
      BinaryValue === undefined
        ? { StringValue: StringValue ?? "" }
        : { Base64: Buffer.from(BinaryValue).toString("base64") };
    return [name, { DataType, ...value }] as const;
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Returns a message's attributes with their bytes. */
export function attributesOf({ attributes = {} }: StoredMessage): MessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, Base64 }]) => {
      const value = Base64 === undefined ? { StringValue } : { BinaryValue: Buffer.from(Base64, "base64") };
      return [name, { DataType, ...value }];
    }),
  );
}

/** A message as a consumer receives it. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  /** Number of receives, this one included. */
  readonly receiveCount: number;
  /** Milliseconds since 1970. */
  readonly sentTimestamp: number;
  /** Milliseconds since 1970. */
  readonly firstReceiveTimestamp: number;
  readonly groupId: string | undefined;
  readonly traceHeader: string | undefined;
  readonly deadLetterSourceArn: string | undefined;
}

/** Returns a message's system attributes, as ReceiveMessage and the event of a Lambda function name them. */
export function systemAttributes(message: ReceivedMessage): Partial<Record<MessageSystemAttributeName, string>> {
  const { groupId, traceHeader, deadLetterSourceArn } = message;
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentTimestamp),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceiveTimestamp),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(traceHeader !== undefined && { AWSTraceHeader: traceHeader }),
    ...(deadLetterSourceArn !== undefined && { DeadLetterQueueSourceArn: deadLetterSourceArn }),
  };
}
