import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";

/** Returns the time at the beginning of a sort key: the event's own, or the time at which SNS received it. */
export function eventTimeOf(timestampId: string): string {
  return timestampId.slice(0, timestampId.indexOf("#"));
}

/** Returns the event's own id from its key; undefined when the key has the MessageId, or is unknown. */
export function eventIdOf({ timestamp_id: key = "", event_id: id }: Partial<LoggedRecord>): string | undefined {
  const [, part, digest] = key.split("#");
  return digest === undefined ? undefined : (id ?? part?.replaceAll("%23", "#"));
}
