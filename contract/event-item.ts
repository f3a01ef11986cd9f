/** Attributes of the events table that AWS itself has to know. */
export const PARTITION_KEY = "event_type";
export const SORT_KEY = "timestamp_id";
export const TTL_ATTRIBUTE = "expires_at";

/** The part of an item that says which it is. */
export interface EventKey {
  /** The event's `type`. */
  readonly event_type: string;
  /** `<UTC time, milliseconds>#<event_id>`. */
  readonly timestamp_id: string;
}
