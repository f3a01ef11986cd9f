import type { MessageAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import type { SQSMessageAttribute, SQSRecord } from "aws-lambda";
import { DEAD_LETTER_ATTRIBUTES } from "../../../contract/refusal";
import { excerpt } from "../../consumer/excerpt";
import type { RefusedMessageError } from "../../consumer/refused-message-error";

/** A message on its way to the dead-letter queue. */
export interface DeadLetter {
  readonly record: SQSRecord;
  readonly error: RefusedMessageError;
  /** Absent when the body is no SNS envelope. */
  readonly snsMessageId?: string | undefined;
}

/** What SQS refuses in a message: what XML 1.0 has no place for. */
const REFUSED_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
/** Attributes that a message of SQS holds. */
const MAX_ATTRIBUTES = 10;
const MAX_ERROR_MESSAGE_CHARACTERS = 1_000;

/**
 * The letter as SendMessageBatch wants it: the body as it came, or the same JSON
 * where SQS would refuse a character, so that a redrive delivers the same
 * message; and why it is here as attributes.
 *
 * Attributes that the message came with are kept as far as SQS's 10 reach; of
 * one that was redriven and refused again the new reason replaces the old.
 *
 * @param id - Of the entry within its request.
 */
export function toBatchEntry({ record, error, snsMessageId }: DeadLetter, id: string): SendMessageBatchRequestEntry {
  const reasons: Record<string, MessageAttributeValue> = {
    [DEAD_LETTER_ATTRIBUTES.code]: text(error.code),
    [DEAD_LETTER_ATTRIBUTES.reason]: text(excerpt(error.message, MAX_ERROR_MESSAGE_CHARACTERS)),
    [DEAD_LETTER_ATTRIBUTES.sqsMessageId]: text(record.messageId),
    ...(snsMessageId !== undefined && { [DEAD_LETTER_ATTRIBUTES.snsMessageId]: text(snsMessageId) }),
  };
  const originals = Object.entries(record.messageAttributes ?? {})
    .filter(([name]) => !(name in reasons))
    .slice(0, MAX_ATTRIBUTES - Object.keys(reasons).length)
    .map(([name, attribute]) => [name, received(attribute)] as const);
  return {
    Id: id,
    MessageBody: snsMessageId === undefined ? record.body : escapeRefused(record.body),
    MessageAttributes: { ...Object.fromEntries(originals), ...reasons },
  };
}

/** Bytes that SQS counts: the body, and of each attribute name, type and value. */
export function letterBytes(letter: DeadLetter): number {
  const { MessageBody, MessageAttributes } = toBatchEntry(letter, "0");
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
  return { DataType: "String", StringValue: value.replace(REFUSED_CHARACTER, "\uFFFD") };
}

/** SNS delivers characters that SendMessage refuses; an envelope is JSON, where the escape means the same. */
function escapeRefused(json: string): string {
  return json.replace(REFUSED_CHARACTER, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function received({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue {
  return {
    DataType: dataType,
    ...(binaryValue === undefined ? { StringValue: stringValue } : { BinaryValue: Buffer.from(binaryValue, "base64") }),
  };
}
