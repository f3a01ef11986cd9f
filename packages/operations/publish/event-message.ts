import { isUtf8 } from "node:buffer";
import type { EventContracts } from "@event-pipeline/contracts/event-contracts";
import { describeUnreadableTime, type UnreadableTime } from "@event-pipeline/event-model/event-time";
import type { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import { OperationError, UsageError } from "../errors";
import { expectedOutcomeKeyOnly, identityOf } from "../expected-outcome";

/**
 * The maximum size of a message, and of a batch of messages, in bytes.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export const MAX_BYTES = 256 * 1_024;
/** Messages in one group. A group is created while the previous one is sent. */
const GROUP_SIZE = 100;

const LINE_FEED = 0x0a;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

export type StringAttributes = Readonly<Record<string, string>>;

export interface EventMessage {
  /** The line number in the input, or the number of the repetition, from 1. */
  readonly line: number;
  readonly message: string;
  /** The reason for which the message is not sent; absent if it is sent. */
  readonly refusal?: string;
}

/** Event members that the CLI sets with options. */
export type EventMembers = Partial<Record<"type" | "id" | "time" | "source", string | undefined>>;

/**
 * Returns an event's JSON: `members` as strings (a time may also be a number), followed by the text of `data`. The
 * text is not parsed and formatted again, so its numbers keep every digit.
 *
 * @param data - A JSON object with the event's other members. @default - no other members
 * @throws UsageError when a member is invalid or given twice.
 * @example
 * eventText({ type: "finding.new" }, '{"severity":"high"}'); // {"type":"finding.new","severity":"high"}
 */
export function eventText(members: EventMembers, data = "{}"): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch (cause) {
    throw new UsageError(
      `Invalid --data: ${(cause as Error).message}. Expected a JSON object, such as '{"severity":"high"}'.`,
      { cause },
    );
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new UsageError(`Invalid --data: expected a JSON object, such as '{"severity":"high"}'.`);
  }
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (Object.hasOwn(parsed, name)) {
      throw new UsageError(
        `The member ${name} is given twice: as ${JSON.stringify(value)}, and in --data. Give it once.`,
      );
    }
  }
  const own = given.map(([name, value = ""]) => {
    // A time that is a number stays one, with every digit, as in `data`.
    const isNumber = name === "time" && JSON_NUMBER.test(value);
    return `${JSON.stringify(name)}:${isNumber ? value : JSON.stringify(value)}`;
  });
  const others = data.trim().slice(1, -1).trim();
  return `{${[...own, others].filter(Boolean).join(",")}}`;
}

/** Returns a message's size as SNS counts it: the text, and each attribute's name, type and value. */
export function bytesOf(message: string, attributes: StringAttributes): number {
  const attributeTexts = Object.entries(attributes).map(([name, value]) => `${name}String${value}`);
  return Buffer.byteLength(message + attributeTexts.join(""));
}

/** Returns an error message if the message is too large for SNS; otherwise undefined. */
export function tooLarge(message: string, attributes: StringAttributes): string | undefined {
  const bytes = bytesOf(message, attributes);
  return bytes > MAX_BYTES
    ? `The message has ${bytes} bytes, including its attributes. SNS allows ${MAX_BYTES} (256 KiB).`
    : undefined;
}

/** The handler's judgment of a message: it may refuse the message, or not be able to read its time. */
export interface Verdict {
  /** The event's type, unless it cannot be a key. */
  readonly type: string | undefined;
  readonly refusal: RefusedMessageError | undefined;
  /** The event's time, if the handler cannot read it. */
  readonly unreadableTime: UnreadableTime | undefined;
}

/** Judges a message as the handler does. */
export function verdictOn(message: string, attributes: StringAttributes, contracts: EventContracts): Verdict {
  const values = Object.entries(attributes).map(([name, value]) => [name, { type: "String", value }] as const);
  const envelope = { message, attributes: new Map(values), messageId: "unknown", timestamp: new Date(0) };
  const { refusal, event } = expectedOutcomeKeyOnly(envelope, 0, { current: contracts, formerMappings: [] });
  const { type } = identityOf(envelope, contracts.mapping);
  return { type, refusal, unreadableTime: refusal ? undefined : event?.unreadableTime };
}

/** Returns the reason for which the handler would refuse a message or lose its time; undefined if it would not. */
export function refusalOf(
  message: string,
  attributes: StringAttributes,
  contracts: EventContracts,
): string | undefined {
  const { refusal, unreadableTime } = verdictOn(message, attributes, contracts);
  return refusal?.message ?? (unreadableTime && describeUnreadableTime(unreadableTime));
}

/** Yields the same message `count` times, in groups. */
export async function* repeated(message: string, count: number): AsyncGenerator<EventMessage[], void, void> {
  for (let first = 1; first <= count; first += GROUP_SIZE) {
    const length = Math.min(GROUP_SIZE, count - first + 1);
    yield Array.from({ length }, (_, index) => ({ line: first + index, message }));
  }
}

export interface NdjsonOptions {
  readonly attributes: StringAttributes;
  /**
   * The contracts of the handler, to refuse events that it would refuse, or whose time it cannot read. If undefined, only
   * messages above the limit of SNS are refused.
   */
  readonly contracts: EventContracts | undefined;
}

/**
 * Reads ndjson. Each line is a message, and empty lines are skipped. Memory stays
 * constant, because the text of a line above the limit of SNS is not kept.
 *
 * @throws OperationError when the stream fails. The complete lines before the failure are yielded first.
 */
export async function* ndjson(
  stream: AsyncIterable<Buffer>,
  options: NdjsonOptions,
): AsyncGenerator<EventMessage[], void, void> {
  let line = 1;
  let chunks: Buffer[] = [];
  let bytes = 0;
  const append = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_BYTES) chunks.push(part);
    else chunks = [];
  };
  const endLine = (): EventMessage[] => {
    const message = lineMessage(line, bytes, Buffer.concat(chunks), options);
    line += 1;
    chunks = [];
    bytes = 0;
    return message ? [message] : [];
  };

  try {
    for await (const chunk of stream) {
      const messages: EventMessage[] = [];
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        append(chunk.subarray(start, end));
        messages.push(...endLine());
        start = end + 1;
      }
      append(chunk.subarray(start));
      if (messages.length > 0) yield messages;
    }
  } catch (cause) {
    throw new OperationError(`Cannot read standard input after line ${line - 1}: ${(cause as Error).message}.`, {
      cause,
    });
  }
  if (bytes > 0) yield endLine();
}

/** Returns the message of a line; undefined for an empty line. */
function lineMessage(
  line: number,
  bytes: number,
  content: Buffer,
  { attributes, contracts }: NdjsonOptions,
): EventMessage | undefined {
  const refused = (refusal: string) => ({ line, message: "", refusal });
  if (bytes > MAX_BYTES) return refused(`The line has ${bytes} bytes. SNS allows ${MAX_BYTES}.`);
  if (!isUtf8(content)) return refused("The line is not valid UTF-8.");
  // TextDecoder removes a byte order mark. The line may end with CR LF.
  const message = new TextDecoder().decode(content).replace(/\r$/, "");
  if (message.trim() === "") return undefined;
  const refusal = tooLarge(message, attributes) ?? (contracts && refusalOf(message, attributes, contracts));
  return refusal === undefined ? { line, message } : refused(refusal);
}
