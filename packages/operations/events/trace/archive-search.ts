import { S3Client } from "@aws-sdk/client-s3";
import { parseEvent } from "@event-pipeline/event-model/event";
import { eventKeyOf } from "@event-pipeline/event-model/item/key";
import type { TimeSpan } from "../../archive/archived-objects";
import { type ArchivedRecord, archivedRecords } from "../../archive/archived-records";
import type { Pipeline } from "../../pipeline";
import type { EventWay } from "./event-trace";
import type { WantedId } from "./wanted-id";
import type { Ways } from "./ways";

/** Clocks of SNS and S3 differ by less. */
const CLOCKS_MS = 60_000;

/** What was read of the archive. */
export interface ArchiveRead {
  readonly bucket: string;
  objects: number;
  unreadable: number;
  /** When the newest object of the span was put there: what was published after it may not be there yet. */
  newest: Date | undefined;
}

/** What was read, in words. @param which - Which objects those are. */
export function wordsOf({ objects, bucket, unreadable, newest }: ArchiveRead, which: string): string {
  const damaged = unreadable > 0 ? ` (${unreadable} records or objects could not be read)` : "";
  const youngest = newest ? `, the newest of ${newest.toISOString()}` : "";
  return `${objects} ${objects === 1 ? "object" : "objects"} of s3://${bucket}${damaged}, ${which}${youngest}`;
}

interface SearchProps {
  readonly signal: AbortSignal;
  readonly onObject?: ((objects: number) => void) | undefined;
}

/** Where a publication is archived: of the objects around its time those that are younger than it. */
export async function findArchived(pipeline: Pipeline, way: EventWay, props: SearchProps): Promise<ArchiveRead> {
  const { publishedAt = new Date(0), messageId } = way;
  const span = { since: publishedAt, until: new Date(publishedAt.getTime() + 1) };
  const oldest = publishedAt.getTime() - CLOCKS_MS;
  return search(pipeline, span, props, oldest, ({ envelope, body, place }, bucket) => {
    if (envelope.messageId !== messageId) return false;
    way.archived = { bucket, ...place };
    way.envelope = body;
    return true;
  });
}

/** Every publication of the span that the id means. */
export async function searchArchive(
  pipeline: Pipeline,
  wanted: WantedId,
  span: TimeSpan,
  { ways, maxWays, ...props }: SearchProps & { readonly ways: Ways; readonly maxWays: number },
): Promise<ArchiveRead> {
  return search(pipeline, span, props, Number.NEGATIVE_INFINITY, (record, bucket) => {
    if (!isMeant(wanted, record)) return false;
    const way = ways.of(record.envelope.messageId);
    way.publishedAt = record.envelope.timestamp;
    way.archived = { bucket, ...record.place };
    way.envelope = record.body;
    return ways.all.length >= maxWays;
  });
}

async function search(
  pipeline: Pipeline,
  span: TimeSpan,
  { signal, onObject }: SearchProps,
  oldest: number,
  isEnough: (record: ArchivedRecord, bucket: string) => boolean,
): Promise<ArchiveRead> {
  const bucket = await pipeline.rawBucket();
  const read: ArchiveRead = { bucket, objects: 0, unreadable: 0, newest: undefined };
  const records = archivedRecords({
    archive: { s3: pipeline.client(S3Client), bucket },
    span,
    isWanted: ({ lastModified }) => {
      if (lastModified && !(read.newest && read.newest > lastModified)) read.newest = lastModified;
      return !lastModified || lastModified.getTime() >= oldest;
    },
    onUnreadable: () => {
      read.unreadable += 1;
    },
    onObject: () => {
      read.objects += 1;
      onObject?.(read.objects);
    },
    signal,
  });
  for await (const record of records) if (isEnough(record, bucket)) break;
  return read;
}

/** An event may write its id with escapes: then its text alone says nothing. */
function isMeant(wanted: WantedId, { envelope, body }: ArchivedRecord): boolean {
  if (wanted.isMessageId(envelope.messageId)) return true;
  if (wanted.text !== undefined && wanted.keyId === wanted.id && !body.includes(wanted.text) && !body.includes("\\u")) {
    return false;
  }
  try {
    const event = parseEvent(envelope.message);
    return event.members.has("id") && eventKeyOf(event, envelope).event_id === wanted.keyId;
  } catch {
    return false; // It has no key, so no id by which it is known.
  }
}
