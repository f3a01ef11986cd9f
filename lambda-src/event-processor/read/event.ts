import { createHash } from "node:crypto";
import { excerpt } from "../../consumer/excerpt";
import { RefusedMessageError } from "../../consumer/refused-message-error";
import { parseRfc3339 } from "../../consumer/rfc3339";
import { JsonNumber, type JsonObject, type JsonValue, parseJson } from "./json";

/** A published event: a JSON object, and the text that it came as. */
export interface Event {
  readonly fields: JsonObject;
  readonly hasDuplicateKeys: boolean;
  /** The published text, less a byte order mark. */
  readonly text: string;
}

/** DynamoDB's 1,024 bytes for a sort key, less the time and the `#`. */
const MAX_EVENT_ID_BYTES = 1_024 - "2026-01-01T00:00:00.000Z#".length;

/** @throws RefusedMessageError NOT_JSON or NOT_AN_OBJECT. */
export function parseEvent(message: string): Event {
  // RFC 8259 lets a parser skip the mark; it is no part of the value.
  const text = message.startsWith("\uFEFF") ? message.slice(1) : message;
  const { value, hasDuplicateKeys } = parse(text);
  if (!(value instanceof Map)) {
    throw new RefusedMessageError(
      "NOT_AN_OBJECT",
      `The message is JSON but no object: ${excerpt(text)} Publish an event such as {"type": "finding.new"}.`,
    );
  }
  return { fields: value, hasDuplicateKeys, text };
}

function parse(text: string) {
  try {
    return parseJson(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new RefusedMessageError(
      "NOT_JSON",
      `The message is not JSON: ${cause.message}. Publish an event such as {"type": "finding.new"}.`,
      { cause },
    );
  }
}

/**
 * The event's `type`; `unknown` when it has none.
 *
 * @throws RefusedMessageError INVALID_TYPE when it cannot be part of a key.
 */
export function eventTypeOf({ fields }: Event): string {
  const type = fields.get("type");
  if (type === undefined) return "unknown";
  if (typeof type !== "string" || type === "" || /\p{Surrogate}/u.test(type)) {
    throw new RefusedMessageError(
      "INVALID_TYPE",
      `The event's type is ${describe(type)}; it must be a non-empty string of whole Unicode characters, or absent.`,
    );
  }
  return type;
}

function describe(value: JsonValue): string {
  if (value instanceof Map) return "an object";
  if (Array.isArray(value)) return "an array";
  return value instanceof JsonNumber ? excerpt(value.source) : excerpt(JSON.stringify(value));
}

/** CloudEvents call it `time`; `timestamp` is common elsewhere. Undefined when neither is RFC 3339. */
export function eventTimeOf({ fields }: Event): Date | undefined {
  for (const value of [fields.get("time"), fields.get("timestamp")]) {
    const time = typeof value === "string" ? parseRfc3339(value) : undefined;
    if (time) return time;
  }
  return undefined;
}

/**
 * What tells this event from others of its type and time; undefined when it has
 * no `id`. For CloudEvents that is source and id together; escaping keeps `a|b`
 * apart from source a, id b, and makes lone surrogates fit for a key.
 */
export function eventIdOf({ fields }: Event): string | undefined {
  const id = fields.get("id");
  const idText = id instanceof JsonNumber ? id.source : id;
  if (typeof idText !== "string" || idText === "") return undefined;
  const source = fields.get("source");
  const parts = typeof source === "string" && source !== "" ? [source, idText] : [idText];
  const eventId = parts.map((part) => part.replace(/[%|]|\p{Surrogate}/gu, percentEncode)).join("|");
  if (Buffer.byteLength(eventId) <= MAX_EVENT_ID_BYTES) return eventId;
  return `sha256:${createHash("sha256").update(eventId).digest("hex")}`;
}

function percentEncode(character: string): string {
  const code = character.charCodeAt(0).toString(16).toUpperCase();
  return code.length > 2 ? `%u${code}` : `%${code}`;
}
