import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** Describes an attribute of stored items. */
export interface AttributeDescription {
  /** DynamoDB's type; of a map, its values are strings. The event's type depends on `data_encoding`. */
  readonly type: "S" | "N" | "M" | "event";
  /** True if some items do not have the attribute. */
  readonly optional: boolean;
  /** True if `--json`, `--csv` and the console show the attribute. */
  readonly shown: boolean;
  /**
   * Maximum size of the value as DynamoDB counts it. 0 for `data`, which takes the rest of the item, and for what is left
   * out if there is no room for it.
   */
  readonly maxBytes: number;
  /** Description of the value, for docs/events.md. */
  readonly meaning: string;
}

/** DynamoDB's limits for the values of keys. */
const MAX_PARTITION_KEY_BYTES = 2_048;
const MAX_SORT_KEY_BYTES = 1_024;

/**
 * All attributes of an item, in display order. The CLI, the console, the table in docs/events.md and the size that is left
 * for `data` follow from this list; `toEventItem` sets the values.
 */
export const ITEM_ATTRIBUTES = {
  event_type: attribute(
    "S",
    MAX_PARTITION_KEY_BYTES,
    "the event's `type`, or `unknown` if it has none; the partition key",
  ),
  timestamp_id: attribute("S", MAX_SORT_KEY_BYTES, "the event's time and ID; the sort key"),
  // The sort key contains it.
  event_id: attribute("S", MAX_SORT_KEY_BYTES, "the event's `id`, or SNS's MessageId if it has none"),
  message_id: attribute("S", 100, "SNS's MessageId"),
  received_at: attribute("S", "2026-01-01T00:00:00.000Z".length, "when SNS received the event, in ISO 8601"),
  expires_at: {
    ...attribute("N", 21, "when DynamoDB may delete the item, in epoch seconds; absent when `eventTtlDays` is 0"),
    optional: true,
  },
  mapped_by: {
    ...attribute("S", 16, "the entry of the mapping that found the type, such as `cloudevents` or `rule 2`"),
    optional: true,
  },
  subject: { ...attribute("S", 0, "SNS's Subject, if the event has one"), optional: true },
  attributes: { ...attribute("M", 0, "SNS's message attributes, if the event has some: their values"), optional: true },
  data: attribute("event", 0, "the event as published"),
  data_encoding: {
    ...attribute("S", "json+gzip".length, "the encoding of `data`: absent for a map, otherwise `json` or `json+gzip`"),
    optional: true,
    shown: false,
  },
} as const satisfies Readonly<Record<string, AttributeDescription>>;

function attribute<T extends AttributeDescription["type"]>(type: T, maxBytes: number, meaning: string) {
  return { type, optional: false, shown: true, maxBytes, meaning } as const;
}

type Attributes = typeof ITEM_ATTRIBUTES;
export type AttributeName = keyof Attributes;
type NameWhere<Trait> = { [N in AttributeName]: Attributes[N] extends Trait ? N : never }[AttributeName];
interface ValueTypes {
  readonly S: string;
  readonly N: number;
  /** The values by name. */
  readonly M: Readonly<Record<string, string>>;
  readonly event: string;
}
type ValueOf<N extends AttributeName> = ValueTypes[Attributes[N]["type"]];

/** The attribute values of an item, except the event itself. */
export type AttributesExceptData = {
  readonly [N in Exclude<NameWhere<{ optional: false }>, "data">]: ValueOf<N>;
} & { readonly [N in NameWhere<{ optional: true }>]?: ValueOf<N> };

export const ATTRIBUTE_NAMES = Object.keys(ITEM_ATTRIBUTES) as AttributeName[];

/** The names of the attributes that are shown, in display order. */
export const SHOWN_ATTRIBUTES = ATTRIBUTE_NAMES.filter(
  (name): name is NameWhere<{ shown: true }> => ITEM_ATTRIBUTES[name].shown,
);

/** The attributes that hold the event. */
export const DATA_ATTRIBUTES = ["data", "data_encoding"] as const satisfies readonly AttributeName[];

export const PARTITION_KEY = "event_type" satisfies AttributeName;
export const SORT_KEY = "timestamp_id" satisfies AttributeName;
export const TTL_ATTRIBUTE = "expires_at" satisfies AttributeName;

/** The index that the option `eventIdIndex` adds. It finds the keys of items by event ID. */
export const ID_INDEX = "event-id";
export const ID_ATTRIBUTE = "event_id" satisfies AttributeName;

/** The primary key of an item: the event's type, and its time and ID. `eventKeyOf` describes the sort key. */
export interface EventKey extends Pick<AttributesExceptData, typeof PARTITION_KEY | typeof SORT_KEY> {}

/** An item, or some of its attributes, in the format of DynamoDB's API. */
export type WireItem = Readonly<Partial<Record<AttributeName, AttributeValue>>>;

/** Returns the key of an item. The item must have both key attributes. */
export function keyOf(item: WireItem): EventKey {
  return { [PARTITION_KEY]: String(item[PARTITION_KEY]?.S), [SORT_KEY]: String(item[SORT_KEY]?.S) };
}

/** Returns a key as one string, for example for a Map. The length makes the strings of different keys differ. */
export function keyText(key: EventKey): string {
  return `${key[PARTITION_KEY].length} ${key[PARTITION_KEY]}${key[SORT_KEY]}`;
}

/**
 * Returns the parameters that limit a read to these attributes. Each attribute has an alias, because DynamoDB reserves many
 * words.
 *
 * @example
 * new ScanCommand({ TableName, ...projectionOf("event_type", "received_at") });
 */
export function projectionOf(...names: readonly AttributeName[]) {
  const aliases = names.map((name, index) => [`#${index}`, name] as const);
  return {
    ProjectionExpression: aliases.map(([alias]) => alias).join(", "),
    ExpressionAttributeNames: Object.fromEntries(aliases) as Record<string, AttributeName>,
  };
}
