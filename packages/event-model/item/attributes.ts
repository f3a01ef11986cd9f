/** Attributes of the events table that AWS itself has to know. */
export const PARTITION_KEY = "event_type";
export const SORT_KEY = "timestamp_id";
export const TTL_ATTRIBUTE = "expires_at";

/** The index that the option `eventIdIndex` adds: from an event's id to the keys of its items. */
export const ID_INDEX = "event-id";
export const ID_ATTRIBUTE = "event_id";

/** The part of an item that says which it is. */
export interface EventKey {
  /** The event's `type`. */
  readonly event_type: string;
  /** `<UTC time, milliseconds>#<event_id>`. */
  readonly timestamp_id: string;
}
