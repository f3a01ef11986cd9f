import { createHash } from "node:crypto";
import type { Envelope } from "./envelope";
import { InvalidEventError } from "./errors";
import { parseRfc3339 } from "./rfc3339";

/** One item of the events table. */
export interface EventItem {
  /** Partition key: the event's `type`. */
  readonly event_type: string;
  /** Sort key: `<UTC time, milliseconds>#<event_id>`. */
  readonly timestamp_id: string;
  readonly event_id: string;
  /** The event as published. */
  readonly data: Readonly<Record<string, unknown>>;
  /** When SNS took the event, ISO 8601. */
  readonly received_at: string;
  /** SNS MessageId. */
  readonly message_id: string;
  /** Epoch seconds, as DynamoDB's TTL wants them; absent when items never expire. */
  readonly expires_at?: number;
}

const DAY_SECONDS = 86_400;
/** DynamoDB's 1,024 bytes for a sort key, less the time and the `#`. */
const MAX_EVENT_ID_BYTES = 1_024 - "2026-01-01T00:00:00.000Z#".length;

/**
 * The item of an event. It depends on the envelope alone, so that a
 * redelivery or a replay from the archive writes the same item again.
 *
 * @param eventTtlDays - Days from receipt to expiry; 0 for never.
 * @throws InvalidEventError when the message is not an event.
 */
export function toEventItem(envelope: Envelope, eventTtlDays: number): EventItem {
  const data = parseEvent(envelope.message);
  const eventId = eventIdOf(data) ?? envelope.messageId;
  const receivedAt = envelope.timestamp;
  return {
    event_type: eventTypeOf(data),
    timestamp_id: `${eventTimeOf(data, receivedAt).toISOString()}#${eventId}`,
    event_id: eventId,
    data,
    received_at: receivedAt.toISOString(),
    message_id: envelope.messageId,
    ...(eventTtlDays > 0 && {
      expires_at: Math.floor(receivedAt.getTime() / 1_000) + eventTtlDays * DAY_SECONDS,
    }),
  };
}

function parseEvent(message: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch (cause) {
    throw new InvalidEventError(`The message is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidEventError('The message is JSON but no object. Publish an event such as {"type": "finding.new"}.');
  }
  return value as Record<string, unknown>;
}

function eventTypeOf({ type }: Record<string, unknown>): string {
  if (type === undefined) return "unknown";
  if (typeof type !== "string" || type === "") {
    throw new InvalidEventError(
      `The event's type is ${JSON.stringify(type)}; it must be a non-empty string or absent.`,
    );
  }
  return type;
}

/** CloudEvents call it `time`; `timestamp` is common elsewhere. */
function eventTimeOf(data: Record<string, unknown>, receivedAt: Date): Date {
  for (const value of [data.time, data.timestamp]) {
    const time = typeof value === "string" ? parseRfc3339(value) : undefined;
    if (time) return time;
  }
  return receivedAt;
}

/**
 * What tells this event from others of its type and time. For CloudEvents that
 * is source and id together; escaping keeps `a|b` apart from source a, id b.
 */
function eventIdOf({ id, source }: Record<string, unknown>): string | undefined {
  if (typeof id !== "number" && (typeof id !== "string" || id === "")) return undefined;
  const parts = typeof source === "string" && source !== "" ? [source, String(id)] : [String(id)];
  const eventId = parts.map((part) => part.replace(/[%|]/g, encodeURIComponent)).join("|");
  if (Buffer.byteLength(eventId) <= MAX_EVENT_ID_BYTES) return eventId;
  return `sha256:${createHash("sha256").update(eventId).digest("hex")}`;
}
