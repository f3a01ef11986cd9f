import { hash } from "node:crypto";
import type { Envelope } from "../envelope";
import { type Event, eventTypeOf } from "../event";
import { formerTimeOf } from "../event-time";
import { excerpt } from "../excerpt";
import { JsonNumber } from "../json";
import { RefusedMessageError } from "../refusal";
import { type EventKey, ITEM_ATTRIBUTES } from "./attributes";

/** A key and ID as the handler logs them; both may be missing. */
interface LoggedKey {
  readonly timestamp_id?: string | undefined;
  readonly event_id?: string | undefined;
}

const MAX_PARTITION_KEY_BYTES = ITEM_ATTRIBUTES.event_type.maxBytes;
const MAX_SORT_KEY_BYTES = ITEM_ATTRIBUTES.timestamp_id.maxBytes;
/** The digest's 128 bits distinguish events with the same type, time and ID. They take 22 characters in base64url. */
const DIGEST_BYTES = 16;
const MAX_ID_BYTES = MAX_SORT_KEY_BYTES - "2026-01-01T00:00:00.000Z##".length - 22;

/**
 * Returns the key of an event, and the event's ID: its own `id`, or SNS's MessageId if it has none.
 *
 * After an event's own ID, the sort key has a digest of the published text. Events with the same type, time, ID and text
 * are one item. Events that differ only in the rest of the text are different items. If the ID is unique only within a
 * scope that the text does not have, such as a CloudEvent's source in an attribute, the digest includes the scope. A MessageId needs no digest, because
 * SNS never reuses one.
 *
 * All digests have the same length, and no other part contains `#`, so no sort key with a digest is a prefix of another.
 *
 * @throws RefusedMessageError INVALID_TYPE or KEY_TOO_LONG.
 * @example
 * eventKeyOf(parseEvent({ message: '{"type": "scan.done", "id": "7"}' }), envelope).event_id; // "7"
 */
export function eventKeyOf(event: Event, envelope: Envelope): EventKey & { event_id: string } {
  return keyAt(event.time ?? envelope.timestamp, event, envelope);
}

/**
 * Returns the key that the event had when the pipeline read no numbers as times; undefined if that is `eventKeyOf`'s key.
 * An item that was stored then keeps it.
 *
 * @throws RefusedMessageError INVALID_TYPE or KEY_TOO_LONG.
 */
export function formerKeyOf(event: Event, envelope: Envelope): EventKey | undefined {
  if (!event.time) return undefined;
  const formerTime = formerTimeOf(event.found) ?? envelope.timestamp;
  if (formerTime.getTime() === event.time.getTime()) return undefined;
  const { event_type, timestamp_id } = keyAt(formerTime, event, envelope);
  return { event_type, timestamp_id };
}

function keyAt(date: Date, event: Event, { message, messageId }: Envelope): EventKey & { event_id: string } {
  const event_type = partitionKeyOf(event);
  const time = date.toISOString();
  const event_id = storedIdOf(event);
  if (event_id === undefined) return { event_type, timestamp_id: `${time}#${messageId}`, event_id: messageId };
  return { event_type, timestamp_id: `${time}#${escaped(event_id)}#${digestOf(message, event.scope)}`, event_id };
}

/**
 * Returns the event's own ID as an item has it: its hash if it is too long for a key. Undefined if the event has no ID.
 * An event that cannot be stored may have one, too.
 */
export function storedIdOf(event: Event): string | undefined {
  const id = ownIdOf(event);
  const isLong = id !== undefined && Buffer.byteLength(escaped(id)) > MAX_ID_BYTES;
  return isLong ? `sha256:${hash("sha256", id)}` : id;
}

function escaped(id: string): string {
  return id.replaceAll("#", "%23");
}

/** Returns the time in a sort key: the event's own time, or the time at which SNS received the event. */
export function timeOfSortKey(timestampId: string): string {
  return timestampId.slice(0, timestampId.indexOf("#"));
}

/** Returns the event's own ID from its key; undefined when the key has the MessageId instead, or is unknown. */
export function eventIdOf({ timestamp_id: key = "", event_id: id }: LoggedKey): string | undefined {
  const [, part, digest] = key.split("#");
  return digest === undefined ? undefined : (id ?? part?.replaceAll("%23", "#"));
}

/** @throws RefusedMessageError KEY_TOO_LONG. */
function partitionKeyOf(event: Event): string {
  const type = eventTypeOf(event);
  const bytes = Buffer.byteLength(type);
  if (bytes <= MAX_PARTITION_KEY_BYTES) return type;
  throw new RefusedMessageError(
    "KEY_TOO_LONG",
    `The event's type takes ${bytes} bytes of UTF-8; it is the partition key, which holds ${MAX_PARTITION_KEY_BYTES}. It begins: ${excerpt(type)}`,
  );
}

/** Returns the event's own ID, or undefined. Replaces lone surrogates, which UTF-8 cannot encode. */
function ownIdOf({ id }: Event): string | undefined {
  if (id instanceof JsonNumber) return id.source;
  return typeof id === "string" && id !== "" ? id.toWellFormed() : undefined;
}

/** Hashes the text as UTF-16, because in UTF-8 all lone surrogates would be equal. The length keeps scope and text apart. */
function digestOf(message: string, scope?: string): string {
  const text = scope === undefined ? message : `${scope.length} ${scope}${message}`;
  return hash("sha256", Buffer.from(text, "utf16le"), "buffer").toString("base64url", 0, DIGEST_BYTES);
}
