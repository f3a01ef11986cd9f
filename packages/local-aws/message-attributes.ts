import { createHash, hash as hashOf } from "node:crypto";
import type { MessageAttribute, MessageAttributes } from "./observer";
import { AwsError } from "./protocols/aws-error";

const MAX_NAME_LENGTH = 256;
/** Matches a type with an optional label, such as `Number.int`. */
const TYPE = /^(String|Number|Binary)(?:\..+)?$/s;
/** Matches a decimal number, such as `-1.5e3`. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_DIGITS = 38;

/** Matches characters that are not allowed in messages. @see https://www.w3.org/TR/REC-xml/#charsets */
export const INVALID_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * Asserts that SNS and SQS accept a message's attributes.
 *
 * @throws AwsError with the code.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function assertMessageAttributes(attributes: MessageAttributes, code: string): void {
  for (const name in attributes) {
    const problem = nameProblem(name) ?? valueProblem(attributes[name] as MessageAttribute);
    if (problem !== undefined) throw new AwsError(code, `The message attribute '${name}' ${problem}`);
  }
}

function nameProblem(name: string): string | undefined {
  if (!/^[\w.-]+$/.test(name) || name.length > MAX_NAME_LENGTH) {
    return `must have a name of 1 to ${MAX_NAME_LENGTH} letters, digits, hyphens, underscores and dots.`;
  }
  if (/^\.|\.\.|\.$/.test(name))
    return "must have a name that does not begin or end with a dot and has no consecutive dots.";
  return /^(?:aws|amazon)\./i.test(name) ? "must not have a name that begins with AWS. or Amazon." : undefined;
}

function valueProblem({ DataType, StringValue, BinaryValue }: MessageAttribute): string | undefined {
  const [, type] = TYPE.exec(DataType) ?? [];
  if (type === undefined || DataType.length > MAX_NAME_LENGTH) {
    return `has the type '${DataType}', which must begin with String, Number or Binary.`;
  }
  const [value, other] = type === "Binary" ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (!value?.length) return `must have a non-empty value, because its type is '${DataType}'.`;
  if (other !== undefined) return `must have one value, because its type is '${DataType}'.`;
  if (typeof value === "string" && INVALID_CHARACTER.test(value)) return "has a value with invalid characters.";
  return type === "Number" && !isNumber(String(value))
    ? `has the type '${DataType}', but the value '${value}' is not a number with at most ${MAX_DIGITS} digits.`
    : undefined;
}

function isNumber(text: string): boolean {
  const digits = text.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return NUMBER.test(text) && digits.length <= MAX_DIGITS;
}

/** Returns the size that counts toward the limits of SNS and SQS: the body, and the attributes' names, types and values. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const name in attributes) {
    const { DataType, StringValue = "", BinaryValue } = attributes[name] as MessageAttribute;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(BinaryValue ?? StringValue);
  }
  return bytes;
}

export function md5(data: string): string {
  return hashOf("md5", data, "hex");
}

/**
 * Returns the digest of message attributes that SQS clients verify; undefined if there are none.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function md5OfAttributes(attributes: MessageAttributes = {}): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (data: string | Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(data));
    hash.update(length).update(data);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name] as MessageAttribute;
    add(name);
    add(DataType);
    hash.update(BinaryValue ? Buffer.of(2) : Buffer.of(1));
    add(BinaryValue ?? StringValue ?? "");
  }
  return hash.digest("hex");
}
