import { gzipSync } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { archiveHourPrefix } from "../archive-layout";
import type { Envelope, MessageAttributes } from "../envelope";
import type { Event } from "../event";
import { RefusedMessageError } from "../refusal";
import { isAttributeName, mapBytes, toAttribute } from "./attribute-value";
import { type AttributeName, type AttributesExceptData, ITEM_ATTRIBUTES, type WireItem } from "./attributes";
import { decimalBytes, parseDecimal } from "./decimal";
import { eventKeyOf } from "./key";

/** An item of the events table. Its attributes are listed in `ITEM_ATTRIBUTES`. */
export interface EventItem extends AttributesExceptData {
  /** The event: as a map if that is exact and fits in an item, otherwise as JSON text, compressed if necessary. */
  readonly data: AttributeValue;
  readonly data_encoding?: "json" | "json+gzip";
}

/** An item and its size. */
export interface SizedItem {
  readonly item: EventItem;
  /** The item's size as DynamoDB counts it, attribute names included. */
  readonly bytes: number;
  /** Number of values in `data`; 0 if `data` is not a map. */
  readonly mapValues: number;
}

const DAY_SECONDS = 86_400;
const MAX_ITEM_BYTES = 400 * 1_024;

/** Maximum size of all attribute names, and of all values except `data`. */
const MAX_BYTES_EXCEPT_DATA = Object.entries(ITEM_ATTRIBUTES).reduce(
  (bytes, [name, { maxBytes }]) => bytes + name.length + maxBytes,
  0,
);

/**
 * Returns an event's item. The item depends only on the envelope and the time to live, so a redelivery or a replay writes
 * the same item again. (Compressed data may differ between versions of zlib.)
 *
 * @param eventTtlDays - Days from SNS's receipt until the item expires; 0 for never.
 * @throws RefusedMessageError if no item can hold the event.
 * @example
 * const envelope = parseEnvelope(record.body);
 * const { item } = toEventItem(envelope, parseEvent(envelope), 90);
 */
export function toEventItem(envelope: Envelope, event: Event, eventTtlDays: number): SizedItem {
  const { messageId, timestamp, subject, attributes } = envelope;
  const { event_type, timestamp_id, event_id } = eventKeyOf(event, envelope);
  const received_at = timestamp.toISOString();
  const { expires_at } = expiryOf(timestamp, eventTtlDays);
  // Assignments, because spreads take ten times longer.
  const item: Mutable<AttributesExceptData> = {
    event_type,
    timestamp_id,
    event_id,
    received_at,
    message_id: messageId,
  };
  if (expires_at !== undefined) item.expires_at = expires_at;
  if (event.mappedBy !== undefined) item.mapped_by = event.mappedBy;
  if (subject !== undefined || attributes) {
    const complete: Mutable<AttributesExceptData> = { ...item };
    if (subject !== undefined) complete.subject = subject.toWellFormed();
    if (attributes) complete.attributes = valuesOf(attributes);
    const stored = store(complete, event);
    if (stored) return stored;
  }
  const stored = store(item, event);
  if (stored) return stored;
  throw tooLarge(envelope, event);
}

/** Returns undefined if the item would be too large. */
function store(fields: AttributesExceptData, event: Event): SizedItem | undefined {
  return withMap(fields, event) ?? withText(fields, event);
}

/** Returns the values by name, as a map of DynamoDB can hold them. */
function valuesOf(attributes: MessageAttributes): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, { value }] of attributes) if (isAttributeName(name)) values[name] = value.toWellFormed();
  return values;
}

/** @param eventTtlDays - Days from SNS's receipt until the item expires; 0 for never. */
export function expiryOf(timestamp: Date, eventTtlDays: number): Pick<EventItem, "expires_at"> {
  if (eventTtlDays === 0) return {};
  return { expires_at: Math.floor(timestamp.getTime() / 1_000) + eventTtlDays * DAY_SECONDS };
}

/**
 * Returns whether every text of this length fits in an item uncompressed. A character takes at most six bytes, as an
 * escaped lone surrogate.
 */
export function surelyFits({ text }: Pick<Event, "text">): boolean {
  return 6 * text.length <= MAX_ITEM_BYTES - MAX_BYTES_EXCEPT_DATA;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function withMap(fields: AttributesExceptData, { value, valueCount, hasDuplicateKeys }: Event): SizedItem | undefined {
  // A map has one value per key, so it cannot represent an event that repeats a key.
  const data = value === undefined || hasDuplicateKeys ? undefined : toAttribute(value);
  return data && ifItFits(fields, { data: data.value }, data.bytes, valueCount);
}

function withText(fields: AttributesExceptData, event: Event): SizedItem | undefined {
  const text = escapeLoneSurrogates(event.text);
  const stored = ifItFits(fields, { data: { S: text }, data_encoding: "json" }, Buffer.byteLength(text));
  if (stored) return stored;
  const compressed = gzipSync(text);
  return ifItFits(fields, { data: { B: compressed }, data_encoding: "json+gzip" }, compressed.length);
}

function ifItFits(
  fields: AttributesExceptData,
  data: Pick<EventItem, "data" | "data_encoding">,
  dataBytes: number,
  mapValues = 0,
): SizedItem | undefined {
  const item = Object.assign(fields, data);
  const bytes = dataBytes + bytesExceptData(item);
  return bytes <= MAX_ITEM_BYTES ? { item, bytes, mapValues } : undefined;
}

/** Returns the size that DynamoDB counts for all attribute names, and for all values except `data`. */
export function bytesExceptData(item: EventItem): number {
  let bytes = 0;
  for (const name in item) {
    const value = item[name as AttributeName];
    bytes += name.length;
    if (typeof value === "number") bytes += decimalBytes(parseDecimal(String(value)));
    else if (typeof value === "string") bytes += Buffer.byteLength(value);
    else if (name === "attributes") bytes += mapBytes(value as Readonly<Record<string, string>>);
  }
  return bytes;
}

/** Returns the item in the format of DynamoDB's API. */
export function wireItemOf(item: EventItem): WireItem {
  const wire: Record<string, AttributeValue> = {};
  for (const name in item) {
    const value = item[name as AttributeName];
    if (typeof value === "string") wire[name] = { S: value };
    else if (typeof value === "number") wire[name] = { N: String(value) };
    else if (name === "attributes") wire[name] = { M: stringMap(value as Readonly<Record<string, string>>) };
    else if (value) wire[name] = value as AttributeValue;
  }
  return wire;
}

function stringMap(values: Readonly<Record<string, string>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }]));
}

function tooLarge({ timestamp }: Envelope, event: Event): RefusedMessageError {
  return new RefusedMessageError(
    "ITEM_TOO_LARGE",
    `The event takes ${Buffer.byteLength(event.text)} bytes, and more than an item of DynamoDB holds, ${MAX_ITEM_BYTES} bytes, compressed too. The archive has it under ${archiveHourPrefix(timestamp)}, or in the hour after. Publish less, or where the rest is kept.`,
  );
}

/** Replaces each lone surrogate, which UTF-8 cannot encode, with the equivalent JSON escape. */
function escapeLoneSurrogates(json: string): string {
  if (json.isWellFormed()) return json;
  return json.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
