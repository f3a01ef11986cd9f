import { hash } from "node:crypto";
import type { Envelope } from "../envelope";
import { type Event, eventTimeOf, eventTypeOf } from "../event";
import { excerpt } from "../excerpt";
import { JsonNumber } from "../json";
import { RefusedMessageError } from "../refusal";
import type { EventKey } from "./attributes";

/** DynamoDB's limits, in bytes of UTF-8. */
const MAX_PARTITION_KEY_BYTES = 2_048;
const MAX_SORT_KEY_BYTES = 1_024;
/** 128 bits distinguish events of one type, time and id. They are 22 characters in base64url. */
const DIGEST_BYTES = 16;
const MAX_ID_BYTES = MAX_SORT_KEY_BYTES - "2026-01-01T00:00:00.000Z##".length - 22;

/**
 * Returns the key of an event and its id, which is its own id or SNS's MessageId.
 *
 * A digest of the published text follows an event's own id: events with the same id are one item if they have the same text,
 * and two items otherwise. A MessageId needs no digest, because each publication has its own.
 *
 * The digest has a fixed length and no other part has a `#`, so no key with an own id is a prefix of another.
 *
 * @throws RefusedMessageError INVALID_TYPE or KEY_TOO_LONG.
 */
export function eventKeyOf(event: Event, { message, messageId, timestamp }: Envelope): EventKey & { event_id: string } {
  const event_type = partitionKeyOf(event);
  const time = (eventTimeOf(event) ?? timestamp).toISOString();
  const id = ownIdOf(event);
  if (id === undefined) return { event_type, timestamp_id: `${time}#${messageId}`, event_id: messageId };

  const part = id.replaceAll("#", "%23");
  if (Buffer.byteLength(part) <= MAX_ID_BYTES) {
    return { event_type, timestamp_id: `${time}#${part}#${digestOf(message)}`, event_id: id };
  }
  const hashedId = `sha256:${hash("sha256", id)}`;
  return { event_type, timestamp_id: `${time}#${hashedId}#${digestOf(message)}`, event_id: hashedId };
}

/** Returns the partition key. @throws RefusedMessageError KEY_TOO_LONG. */
function partitionKeyOf(event: Event): string {
  const type = eventTypeOf(event);
  const bytes = Buffer.byteLength(type);
  if (bytes <= MAX_PARTITION_KEY_BYTES) return type;
  throw new RefusedMessageError(
    "KEY_TOO_LONG",
    `The event's type takes ${bytes} bytes of UTF-8; it is the partition key, which holds ${MAX_PARTITION_KEY_BYTES}. It begins: ${excerpt(type)}`,
  );
}

/** Returns the published id. UTF-8 cannot encode halves of surrogate pairs, so the digest distinguishes them. */
function ownIdOf({ members }: Event): string | undefined {
  const id = members.get("id");
  if (id instanceof JsonNumber) return id.source;
  return typeof id === "string" && id !== "" ? id.toWellFormed() : undefined;
}

/** Returns the digest of the UTF-16 text, in which lone surrogates differ. */
function digestOf(message: string): string {
  return hash("sha256", Buffer.from(message, "utf16le"), "buffer").toString("base64url", 0, DIGEST_BYTES);
}
