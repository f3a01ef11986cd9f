import type { MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import type { SQSMessageAttribute, SQSRecord } from "aws-lambda";
import { DEAD_LETTER_ATTRIBUTES } from "../../../contract/refusal";
import { excerpt } from "../../consumer/excerpt";
import type { RefusedMessageError } from "../../consumer/refused-message-error";
import { escapeRefused, withoutRefused } from "../../consumer/sqs-text";

/** A message on its way to the dead-letter queue. */
export interface DeadLetter {
  readonly record: SQSRecord;
  readonly error: RefusedMessageError;
  /** Absent when the body is no SNS envelope. */
  readonly snsMessageId?: string | undefined;
}

/** A letter as SendMessageBatch takes it, but for its id within the request. */
export type Entry = Omit<SendMessageBatchRequestEntry, "Id">;

/** What is left out of a letter that is too large for the queue, more at each number; never why it is here. */
export enum LeftOut {
  Nothing,
  /** The attributes that the message came with. */
  Originals,
  /** And what the error says beyond its code. */
  Reason,
  /** And which messages it was. */
  AllButCode,
}

/** Attributes that a message of SQS holds. */
const MAX_ATTRIBUTES = 10;
const MAX_ERROR_MESSAGE_CHARACTERS = 1_000;

/**
 * The letter for SQS: the body as it came, or the same JSON where SQS would
 * refuse a character, so that a redrive delivers the same message; and why it
 * is here as attributes.
 *
 * Attributes that the message came with are kept as far as SQS's 10 reach; of
 * one that was redriven and refused again the new reason replaces the old.
 */
export function toEntry({ record, error, snsMessageId }: DeadLetter, leftOut: LeftOut): Entry {
  const reasons = new Map([[DEAD_LETTER_ATTRIBUTES.code as string, text(error.code)]]);
  if (leftOut < LeftOut.Reason) {
    reasons.set(DEAD_LETTER_ATTRIBUTES.reason, text(excerpt(error.message, MAX_ERROR_MESSAGE_CHARACTERS)));
  }
  if (leftOut < LeftOut.AllButCode) {
    reasons.set(DEAD_LETTER_ATTRIBUTES.sqsMessageId, text(record.messageId));
    if (snsMessageId !== undefined) reasons.set(DEAD_LETTER_ATTRIBUTES.snsMessageId, text(snsMessageId));
  }
  const originals =
    leftOut === LeftOut.Nothing
      ? Object.entries(record.messageAttributes ?? {})
          .filter(([name]) => !ALL_REASONS.has(name))
          .slice(0, MAX_ATTRIBUTES - reasons.size)
          .map(([name, attribute]) => [name, received(attribute)] as const)
      : [];
  return {
    MessageBody: snsMessageId === undefined ? record.body : escapeRefused(record.body),
    // From entries, because an attribute may be called __proto__.
    MessageAttributes: Object.fromEntries([...originals, ...reasons]),
  };
}

const ALL_REASONS: ReadonlySet<string> = new Set(Object.values(DEAD_LETTER_ATTRIBUTES));

/** Bytes that SQS counts: the body, and of each attribute name, type and value. */
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
