import type { EndedRecord } from "@event-pipeline/event-model/log-lines";

/** The event's own time, or SNS's, which its sort key begins with. */
export function eventTimeOf(timestampId: string): string {
  return timestampId.slice(0, timestampId.indexOf("#"));
}

/** The event's own id, by the key; undefined when that has SNS's MessageId, or is not known. */
export function eventIdOf({ timestamp_id: key = "", event_id: id }: Partial<EndedRecord>): string | undefined {
  const [, part, digest] = key.split("#");
  return digest === undefined ? undefined : (id ?? part?.replaceAll("%23", "#"));
}
