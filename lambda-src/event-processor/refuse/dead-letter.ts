import type { MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { DEAD_LETTER_ATTRIBUTES, type RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { escapeRefused, withoutRefused } from "@event-pipeline/event-model/sqs-text";
import type { SQSMessageAttribute, SQSRecord } from "aws-lambda";

/** A message on its way to the dead-letter queue. */
export interface DeadLetter {
  readonly record: SQSRecord;
  readonly error: RefusedMessageError;
  /** Absent when the body is no SNS envelope. */
  readonly snsMessageId?: string | undefined;
}

/** A letter as SendMessageBatch takes it, but for its id within the request. */
export type Entry = Omit<SendMessageBatchRequestEntry, "Id">;

/** What is left out of a letter that the queue does not take, more at each number; never the code. */
export enum LeftOut {
  Nothing,
  /** What the error says beyond its code; the log has it too. */
  Reason,
  /** And which messages it was. */
  Ids,
  /** And the attributes that the message came with. */
  Originals,
}

/** Attributes that a message of SQS holds. */
const MAX_ATTRIBUTES = 10;
const MAX_ERROR_MESSAGE_CHARACTERS = 1_000;

/**
 * The letter for SQS: the body as it came, or the same JSON where SQS would
 * refuse a character, so that a redrive delivers the same message; and why it
 * is here as attributes. The message's group and trace stay the same.
 *
 * Attributes that the message came with go before all of the reason but its
 * code: of ten, nine are kept. Of a message that was redriven and refused again
 * the new reason replaces the old.
 */
export function toEntry({ record, error, snsMessageId }: DeadLetter, leftOut: LeftOut): Entry {
  const originals =
    leftOut < LeftOut.Originals
      ? Object.entries(record.messageAttributes ?? {})
          .filter(([name]) => !ALL_REASONS.has(name))
          .slice(0, MAX_ATTRIBUTES - 1)
          .map(([name, attribute]) => [name, received(attribute)] as const)
      : [];
  // The most useful first, for there may not be room for all.
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
    // From entries, because an attribute may be called __proto__.
    MessageAttributes: Object.fromEntries([...originals, ...kept.map(([name, value]) => [name, text(value)] as const)]),
    ...(MessageGroupId !== undefined && { MessageGroupId }),
    ...(AWSTraceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: AWSTraceHeader } },
    }),
  };
}

const ALL_REASONS: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER_ATTRIBUTES));

/** Bytes that SQS counts: the body, and of each attribute name, type and value; system attributes and the group are free. */
export function entryBytes({ MessageBody, MessageAttributes }: Entry): number {
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
  // Cutting may have left half a surrogate pair, too.
  return { DataType: "String", StringValue: withoutRefused(value) };
}

function received({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue {
  return {
    DataType: dataType,
    ...(binaryValue === undefined ? { StringValue: stringValue } : { BinaryValue: Buffer.from(binaryValue, "base64") }),
  };
}
