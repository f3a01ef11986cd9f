import type { EventKey } from "../../../contract/event-item";
import type { Envelope } from "../../consumer/envelope";
import { excerpt } from "../../consumer/excerpt";
import { RefusedMessageError } from "../../consumer/refused-message-error";
import { type AttributeMap, attributeBytes, toAttributeValue } from "./attribute-value";
import { decimalBytes, parseDecimal } from "./decimal";
import { type Event, eventIdOf, eventTimeOf, eventTypeOf, parseEvent } from "./event";

/** One item of the events table. */
export interface EventItem extends EventKey {
  readonly event_id: string;
  /** The event as published: a map where that holds it exactly, its JSON text elsewhere. */
  readonly data: AttributeMap | string;
  /** Says that `data` is JSON text; absent when it is a map. */
  readonly data_encoding?: "json";
  /** When SNS took the event, ISO 8601. */
  readonly received_at: string;
  /** SNS MessageId. */
  readonly message_id: string;
  /** Epoch seconds, as DynamoDB's TTL wants them; absent when items never expire. */
  readonly expires_at?: number;
}

const DAY_SECONDS = 86_400;
/** DynamoDB's limits, in bytes of UTF-8. */
const MAX_PARTITION_KEY_BYTES = 2_048;
const MAX_ITEM_BYTES = 400 * 1_024;

/**
 * The item of an event. It depends on the envelope alone, so that a
 * redelivery or a replay from the archive writes the same item again.
 *
 * @param eventTtlDays - Days from receipt to expiry; 0 for never.
 * @throws RefusedMessageError when the message is no event, or one that no item can hold.
 */
export function toEventItem(envelope: Envelope, eventTtlDays: number): EventItem {
  const event = parseEvent(envelope.message);
  const eventId = eventIdOf(event) ?? envelope.messageId;
  const receivedAt = envelope.timestamp;
  const time = eventTimeOf(event) ?? receivedAt;
  const item = {
    event_type: partitionKeyOf(event),
    timestamp_id: `${time.toISOString()}#${eventId}`,
    event_id: eventId,
    received_at: receivedAt.toISOString(),
    message_id: envelope.messageId,
    ...(eventTtlDays > 0 && {
      expires_at: Math.floor(receivedAt.getTime() / 1_000) + eventTtlDays * DAY_SECONDS,
    }),
  };
  return withData(item, event);
}

/** Bytes that DynamoDB counts against its 400 KB. */
export function itemBytes(item: EventItem): number {
  const { expires_at: expiresAt, ...attributes } = item;
  const expiryBytes = expiresAt === undefined ? 0 : "expires_at".length + decimalBytes(parseDecimal(String(expiresAt)));
  return Object.entries(attributes).reduce(
    (bytes, [name, value]) => bytes + name.length + attributeBytes(value),
    expiryBytes,
  );
}

function partitionKeyOf(event: Event): string {
  const type = eventTypeOf(event);
  const bytes = Buffer.byteLength(type);
  if (bytes > MAX_PARTITION_KEY_BYTES) {
    throw new RefusedMessageError(
      "KEY_TOO_LONG",
      `The event's type takes ${bytes} bytes of UTF-8; it is the partition key, which holds ${MAX_PARTITION_KEY_BYTES}. It begins: ${excerpt(type)}`,
    );
  }
  return type;
}

function withData(item: Omit<EventItem, "data" | "data_encoding">, event: Event): EventItem {
  // A map has one value a key, so it could not say what was published.
  const map = event.hasDuplicateKeys ? undefined : toAttributeValue(event.fields);
  if (map instanceof Map) {
    const asMap: EventItem = { ...item, data: map };
    if (itemBytes(asMap) <= MAX_ITEM_BYTES) return asMap;
  }
  const asText: EventItem = { ...item, data: escapeLoneSurrogates(event.text), data_encoding: "json" };
  const bytes = itemBytes(asText);
  if (bytes <= MAX_ITEM_BYTES) return asText;
  throw new RefusedMessageError(
    "ITEM_TOO_LARGE",
    `The item takes ${bytes} bytes; DynamoDB takes ${MAX_ITEM_BYTES}, names of attributes included. Publish less, or where the rest is kept.`,
  );
}

/** UTF-8 has no form for half a pair, JSON has: the escape, which means the same. */
function escapeLoneSurrogates(json: string): string {
  return json.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
