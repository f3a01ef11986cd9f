import { parseEvent } from "@event-pipeline/event-model/event";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import { parseRfc3339 } from "@event-pipeline/event-model/rfc3339";
import { UsageError } from "../errors";

/**
 * Bytes that SNS takes in one message, and in one batch of them.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
export const MAX_BYTES = 256 * 1_024;

/** String attributes of a message, which filter policies look at. */
export type Attributes = Readonly<Record<string, string>>;

/** A message that is to be published. */
export interface Outgoing {
  /** Of the input, or the how-manieth, from 1. */
  readonly line: number;
  readonly message: string;
  /** Why it is not to be sent after all. */
  readonly refusal?: string;
}

export interface EventMembers {
  readonly type?: string | undefined;
  readonly id?: string | undefined;
  readonly time?: string | undefined;
  readonly source?: string | undefined;
}

/**
 * The text of an event: those members, then those of `data`, as they are
 * written there, numbers of any length among them.
 *
 * @param data - The text of a JSON object. @default - no further members
 * @throws UsageError when the members say nothing, or not what they must.
 */
export function eventText(members: EventMembers, data = "{}"): string {
  const parsed = dataMembers(data);
  const given = Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [name, value] of given) {
    if (parsed.has(name)) {
      throw new UsageError(`The event's ${name} is given twice: as ${JSON.stringify(value)}, and in --data.`);
    }
  }
  if (members.time !== undefined && !parseRfc3339(members.time)) {
    throw new UsageError(`The time is ${JSON.stringify(members.time)}. Give RFC 3339, such as 2026-01-02T03:04:05Z.`);
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
    throw new UsageError(`--data is not JSON: ${(cause as Error).message}. Give an object: '{"severity":"high"}'.`, {
      cause,
    });
  }
  if (typeof event === "object" && event !== null && !Array.isArray(event)) return new Set(Object.keys(event));
  throw new UsageError(`--data is JSON, but no object. Give the event's members: '{"severity":"high"}'.`);
}

/** Bytes of a message as SNS counts them: its text, and names, types and values of its attributes. */
export function bytesOf(message: string, attributes: Attributes): number {
  return (
    Buffer.byteLength(message) +
    Object.entries(attributes).reduce(
      (bytes, [name, value]) => bytes + Buffer.byteLength(name) + "String".length + Buffer.byteLength(value),
      0,
    )
  );
}

/** Why the pipeline would refuse a message, in the handler's own words; undefined when it would not. */
export function refusalOf(message: string): string | undefined {
  try {
    eventKeyOf(parseEvent(message), { message, messageId: "unknown", timestamp: new Date(0) });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
