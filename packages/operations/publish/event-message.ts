import { parseEvent } from "@event-pipeline/event-model/event";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import { parseRfc3339 } from "@event-pipeline/event-model/rfc3339";
import { UsageError } from "../errors";
import { linesOf } from "./ndjson-lines";

/**
 * The maximum size of a message, and of a batch of messages, in bytes.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export const MAX_BYTES = 256 * 1_024;
/** Messages in one group, so that the next group is created while this one is sent. */
const GROUP_SIZE = 100;

/** Attributes of a message, all of the type String. */
export type StringAttributes = Readonly<Record<string, string>>;

/** A message to publish. */
export interface EventMessage {
  /** The line of the input, or the number of the repetition, from 1. */
  readonly line: number;
  readonly message: string;
  /** The reason for which the message must not be sent. */
  readonly refusal?: string;
}

export interface EventMembers {
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly time?: string | undefined;
  readonly source?: string | undefined;
}

/**
 * Returns the JSON of an event: the members, then those of `data` exactly as
 * they are written, so that numbers keep every digit.
 *
 * @param data - The JSON of an object. @default - no further members
 * @throws UsageError when a member is invalid or given twice.
 * @example
 * eventText({ type: "finding.new" }, '{"severity":"high"}'); // {"type":"finding.new","severity":"high"}
 */
export function eventText(members: EventMembers, data = "{}"): string {
  const parsed = dataMembers(data);
  const given = Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [name, value] of given) {
    if (parsed.has(name)) {
      throw new UsageError(`The member ${name} is given twice: as ${JSON.stringify(value)}, and in --data.`);
    }
  }
  if (members.time !== undefined && !parseRfc3339(members.time)) {
    throw new UsageError(
      `Invalid time ${JSON.stringify(members.time)}: expected RFC 3339, such as 2026-01-02T03:04:05Z.`,
    );
  }
  const own = JSON.stringify(Object.fromEntries(given)).slice(1, -1);
  const others = data.trim().slice(1, -1).trim();
  return `{${[own, others].filter(Boolean).join(",")}}`;
}

function dataMembers(data: string): ReadonlySet<string> {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch (cause) {
    throw new UsageError(
      `Invalid --data: ${(cause as Error).message}. Expected a JSON object, such as '{"severity":"high"}'.`,
      { cause },
    );
  }
  if (typeof event === "object" && event !== null && !Array.isArray(event)) return new Set(Object.keys(event));
  throw new UsageError(
    `Invalid --data: expected a JSON object, such as '{"severity":"high"}', not another JSON value.`,
  );
}

/** Returns the size of a message as SNS counts it: the text, and the names, types and values of its attributes. */
export function bytesOf(message: string, attributes: StringAttributes): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + "String".length + Buffer.byteLength(value),
    Buffer.byteLength(message),
  );
}

/** Returns why the message is too large for SNS; undefined when it is not. */
export function tooLarge(message: string, attributes: StringAttributes): string | undefined {
  const bytes = bytesOf(message, attributes);
  return bytes > MAX_BYTES
    ? `The message has ${bytes} bytes with its attributes. SNS allows ${MAX_BYTES} (256 KiB).`
    : undefined;
}

/** Returns why the handler would refuse a message; undefined when it would not. */
export function refusalOf(message: string): string | undefined {
  try {
    eventKeyOf(parseEvent(message), { message, messageId: "unknown", timestamp: new Date(0) });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Repeats one message. */
export async function* repeated(message: string, count: number): AsyncGenerator<EventMessage[], void, void> {
  for (let line = 1; line <= count; line += GROUP_SIZE) {
    yield Array.from({ length: Math.min(GROUP_SIZE, count - line + 1) }, (_, index) => ({
      line: line + index,
      message,
    }));
  }
}

/**
 * Reads the lines of ndjson, one message per line.
 *
 * @param validate - Whether to refuse events that the handler would refuse. Messages above the SNS limit are always refused.
 */
export async function* ndjson(
  stream: AsyncIterable<Buffer>,
  { attributes, validate }: { readonly attributes: StringAttributes; readonly validate: boolean },
): AsyncGenerator<EventMessage[], void, void> {
  for await (const lines of linesOf(stream, MAX_BYTES)) {
    yield lines.map(({ number: line, text: message, refusal }) => {
      const why = refusal ?? tooLarge(message, attributes) ?? (validate ? refusalOf(message) : undefined);
      return why === undefined ? { line, message } : { line, message: "", refusal: why };
    });
  }
}
