import { gzipSync } from "node:zlib";
import { archiveFolder } from "../../../contract/archive-layout";
import type { EventKey } from "../../../contract/event-item";
import type { Envelope } from "../../consumer/envelope";
import { RefusedMessageError } from "../../consumer/refused-message-error";
import { type AttributeMap, attributeBytes, toAttributeValue } from "./attribute-value";
import { decimalBytes, parseDecimal } from "./decimal";
import type { Event } from "./event";
import { eventKeyOf } from "./event-key";

/** One item of the events table. */
export interface EventItem extends EventKey {
  /** The event's own `id`, or SNS's MessageId. */
  readonly event_id: string;
  /** The event as published: a map where that holds it exactly, its JSON text elsewhere, if need be compressed. */
  readonly data: AttributeMap | string | Uint8Array;
  /** How `data` holds the text; absent when it is a map. */
  readonly data_encoding?: "json" | "json+gzip";
  /** When SNS took the event, ISO 8601. */
  readonly received_at: string;
  /** SNS MessageId. */
  readonly message_id: string;
  /** Epoch seconds, as DynamoDB's TTL wants them; absent when items never expire. */
  readonly expires_at?: number;
}

const DAY_SECONDS = 86_400;
/** DynamoDB's limit, names of attributes included. */
const MAX_ITEM_BYTES = 400 * 1_024;

/**
 * The item of an event. It depends on the envelope and on the time to live
 * alone, so that a redelivery or a replay from the archive writes the same item
 * again. (What is compressed is the same; the bytes of it are zlib's choice.)
 *
 * @param eventTtlDays - Days from receipt to expiry; 0 for never.
 * @throws RefusedMessageError when the message is no event, or one that no item can hold.
 */
export function toEventItem(envelope: Envelope, event: Event, eventTtlDays: number): EventItem {
  const { messageId, timestamp } = envelope;
  const item = {
    ...eventKeyOf(event, envelope),
    received_at: timestamp.toISOString(),
    message_id: messageId,
    ...(eventTtlDays > 0 && {
      expires_at: Math.floor(timestamp.getTime() / 1_000) + eventTtlDays * DAY_SECONDS,
    }),
  };
  const stored = withMap(item, event) ?? withText(item, event) ?? withCompressedText(item, event);
  if (stored) return stored;
  throw tooLarge(envelope, event);
}

/** Bytes that DynamoDB counts against its 400 KB. */
export function itemBytes(item: EventItem): number {
  const { expires_at: expiresAt, ...attributes } = item;
  const expiryBytes = expiresAt === undefined ? 0 : "expires_at".length + decimalBytes(parseDecimal(String(expiresAt)));
  return Object.entries(attributes).reduce(
    (bytes, [name, value]) =>
      bytes + name.length + (value instanceof Uint8Array ? value.length : attributeBytes(value)),
    expiryBytes,
  );
}

type ItemWithoutData = Omit<EventItem, "data" | "data_encoding">;

function withMap(item: ItemWithoutData, { value, hasDuplicateKeys }: Event): EventItem | undefined {
  // A map has one value a key, so it could not say what was published.
  const data = value === undefined || hasDuplicateKeys ? undefined : toAttributeValue(value);
  return data instanceof Map ? ifItFits({ ...item, data }) : undefined;
}

function withText(item: ItemWithoutData, event: Event): EventItem | undefined {
  return ifItFits({ ...item, data: escapeLoneSurrogates(event.text), data_encoding: "json" });
}

function withCompressedText(item: ItemWithoutData, event: Event): EventItem | undefined {
  return ifItFits({ ...item, data: gzipSync(escapeLoneSurrogates(event.text)), data_encoding: "json+gzip" });
}

function ifItFits(item: EventItem): EventItem | undefined {
  return itemBytes(item) <= MAX_ITEM_BYTES ? item : undefined;
}

function tooLarge({ timestamp }: Envelope, event: Event): RefusedMessageError {
  return new RefusedMessageError(
    "ITEM_TOO_LARGE",
    `The event takes ${Buffer.byteLength(event.text)} bytes, and more than an item of DynamoDB holds, ${MAX_ITEM_BYTES} bytes, compressed too. The archive has it under ${archiveFolder(timestamp)}, or in the hour after. Publish less, or where the rest is kept.`,
  );
}

/** UTF-8 has no form for half a pair, JSON has: the escape, which means the same. */
function escapeLoneSurrogates(json: string): string {
  if (json.isWellFormed()) return json;
  return json.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
