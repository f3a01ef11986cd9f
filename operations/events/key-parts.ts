import type { EventKey } from "../../contract/event-item";

/** The event's own time, or SNS's, which its sort key begins with. */
export function eventTimeOf(timestampId: string): string {
  return timestampId.slice(0, timestampId.indexOf("#"));
}

/** The event's own id; undefined when its key has SNS's MessageId, or is not known. */
export function eventIdOf({ timestamp_id: key = "" }: Partial<EventKey>): string | undefined {
  const [, id, digest] = key.split("#");
  return digest === undefined ? undefined : id?.replaceAll("%23", "#");
}
