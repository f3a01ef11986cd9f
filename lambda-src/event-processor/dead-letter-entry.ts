import type { MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { DEAD_LETTER_ATTRIBUTES, type RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { escapeRefused, replaceRefused } from "@event-pipeline/event-model/sqs-text";
import type { SQSMessageAttribute, SQSRecord } from "aws-lambda";

/** A message to send to the dead-letter queue. */
export interface RefusedMessage {
  readonly record: SQSRecord;
  readonly error: RefusedMessageError;
  /** SNS's MessageId; absent if the body is not an SNS envelope. */
  readonly snsMessageId?: string | undefined;
}

/** The SendMessageBatch entry of one dead letter, without the entry's ID. */
export type DeadLetterEntry = Omit<SendMessageBatchRequestEntry, "Id">;

/** The parts left out of a dead letter that SQS would not accept otherwise. Each level includes the previous levels. */
export enum LeftOut {
  Nothing,
  /** The error message. It is in the log too. */
  Reason,
  /** The message IDs of SQS and SNS. */
  Ids,
  /** The message's original attributes. */
  Originals,
}

/** Maximum number of attributes of an SQS message. */
const MAX_ATTRIBUTES = 10;
const MAX_ERROR_MESSAGE_CHARACTERS = 1_000;

/**
 * Returns the dead letter of a message: the message as it was received, with attributes that say why it was refused.
 * Characters that SQS does not accept in an envelope become JSON escapes, so a redrive delivers an equivalent message.
 *
 * At most nine of the ten attributes are the message's original ones. If the message was redriven and refused again, the
 * new reason replaces the old one. The error code is never left out.
 */
export function toEntry({ record, error, snsMessageId }: RefusedMessage, leftOut: LeftOut): DeadLetterEntry {
  const originals =
    leftOut < LeftOut.Originals
      ? Object.entries(record.messageAttributes ?? {})
          .filter(([name]) => !ALL_REASONS.has(name))
          .slice(0, MAX_ATTRIBUTES - 1)
          .map(([name, attribute]) => [name, received(attribute)] as const)
      : [];
  // Most useful first, because there may not be room for all.
  const reasons: [name: string, value: string][] = [[DEAD_LETTER_ATTRIBUTES.code, error.code]];
  if (leftOut < LeftOut.Reason) {
    reasons.push([DEAD_LETTER_ATTRIBUTES.reason, excerpt(error.message, MAX_ERROR_MESSAGE_CHARACTERS)]);
  }
  if (leftOut < LeftOut.Ids) {
    reasons.push([DEAD_LETTER_ATTRIBUTES.sqsMessageId, record.messageId]);
    if (snsMessageId !== undefined) reasons.push([DEAD_LETTER_ATTRIBUTES.snsMessageId, snsMessageId]);
  }
  const kept = reasons.slice(0, MAX_ATTRIBUTES - originals.length);
  const { MessageGroupId, AWSTraceHeader } = record.attributes ?? {};
  return {
    MessageBody: snsMessageId === undefined ? record.body : escapeRefused(record.body),
    // Not by assignment, because an attribute may have the name __proto__.
    MessageAttributes: Object.fromEntries([...originals, ...kept.map(([name, value]) => [name, text(value)] as const)]),
    ...(MessageGroupId !== undefined && { MessageGroupId }),
    ...(AWSTraceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } },
    }),
  };
}

const ALL_REASONS: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER_ATTRIBUTES));

/**
 * Returns the size that SQS counts: the body, and the name, type and value of each attribute. System attributes and the
 * message group do not count.
 */
export function entryBytes({ MessageBody, MessageAttributes }: DeadLetterEntry): number {
  return Object.entries(MessageAttributes ?? {}).reduce(
    (bytes, [name, { DataType, StringValue, BinaryValue }]) =>
      bytes +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType ?? "") +
      Buffer.byteLength(StringValue ?? "") +
      (BinaryValue?.byteLength ?? 0),
    Buffer.byteLength(MessageBody ?? ""),
  );
}

function text(value: string): MessageAttributeValue {
  // An excerpt may end with a lone surrogate.
  return { DataType: "String", StringValue: replaceRefused(value) };
}

function received({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue {
  return {
    DataType: dataType,
    ...(binaryValue === undefined ? { StringValue: stringValue } : { BinaryValue: Buffer.from(binaryValue, "base64") }),
  };
}
