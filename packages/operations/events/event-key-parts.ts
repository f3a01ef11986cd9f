import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";

/** Returns the time in a sort key: the event's own time, or the time at which SNS received the event. */
export function eventTimeOf(timestampId: string): string {
  return timestampId.slice(0, timestampId.indexOf("#"));
}

/** Returns the event's own ID from its key; undefined when the key has the MessageId instead, or is unknown. */
export function eventIdOf({ timestamp_id: key = "", event_id: id }: Partial<LoggedRecord>): string | undefined {
  const [, part, digest] = key.split("#");
  return digest === undefined ? undefined : (id ?? part?.replaceAll("%23", "#"));
}
