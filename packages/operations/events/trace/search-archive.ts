import { openArchive, type TimeSpan } from "../../archive/archived-objects";
import { type ArchivedRecord, archivedRecords } from "../../archive/archived-records";
import type { Pipeline } from "../../pipeline";
import { type EventTrace, EventTraces } from "./event-trace";
import type { SearchedId } from "./searched-id";

/** The clocks of SNS and S3 differ by less, in milliseconds. */
const MAX_CLOCK_SKEW_MS = 60_000;

interface SearchProps {
  readonly signal: AbortSignal;
  readonly onObject?: ((objects: number) => void) | undefined;
}

/**
 * Finds where a publication is archived, among the objects around its time.
 *
 * @returns what was read, in words.
 */
export async function findArchived(pipeline: Pipeline, trace: EventTrace, props: SearchProps): Promise<string> {
  const { publishedAt = new Date(0), messageId } = trace;
  const span = { since: publishedAt, until: new Date(publishedAt.getTime() + 1) };
  const oldest = publishedAt.getTime() - MAX_CLOCK_SKEW_MS;
  const read = await searchObjects(pipeline, span, props, oldest, ({ envelope, body, position }, bucket) => {
    if (envelope.messageId !== messageId) return false;
    trace.archived = { bucket, ...position };
    trace.envelope = body;
    return true;
  });
  return describe(read, `around the time of ${messageId}`);
}

/**
 * Finds every publication since a time that the id means.
 *
 * @returns what was read, in words.
 */
export async function searchArchive(
  pipeline: Pipeline,
  id: SearchedId,
  { traces, since, ...props }: SearchProps & { readonly traces: EventTraces; readonly since: Date },
): Promise<string> {
  const read = await searchObjects(pipeline, { since }, props, Number.NEGATIVE_INFINITY, (record, bucket) => {
    if (!id.matchesArchived(record)) return false;
    const trace = traces.of(record.envelope.messageId);
    trace.publishedAt = record.envelope.timestamp;
    trace.archived = { bucket, ...record.position };
    trace.envelope = record.body;
    return traces.all.length >= EventTraces.MAX;
  });
  return describe(read, `with events published since ${since.toISOString()}`);
}

interface ArchiveSearch {
  readonly bucket: string;
  objects: number;
  unreadable: number;
  /** The time of the newest object. An event published later may not be in the archive yet. */
  newest: Date | undefined;
}

async function searchObjects(
  pipeline: Pipeline,
  span: TimeSpan,
  { signal, onObject }: SearchProps,
  oldestMs: number,
  isFound: (record: ArchivedRecord, bucket: string) => boolean,
): Promise<ArchiveSearch> {
  const archive = await openArchive(pipeline);
  const search: ArchiveSearch = { bucket: archive.bucket, objects: 0, unreadable: 0, newest: undefined };
  const records = archivedRecords({
    archive,
    span,
    includesObject: ({ lastModified }) => {
      if (lastModified && !(search.newest && search.newest > lastModified)) search.newest = lastModified;
      return !lastModified || lastModified.getTime() >= oldestMs;
    },
    onUnreadable: () => {
      search.unreadable += 1;
    },
    onObject: () => {
      search.objects += 1;
      onObject?.(search.objects);
    },
    signal,
  });
  for await (const record of records) if (isFound(record, archive.bucket)) break;
  return search;
}

function describe({ objects, bucket, unreadable, newest }: ArchiveSearch, which: string): string {
  const damaged = unreadable > 0 ? ` (${unreadable} records or objects could not be read)` : "";
  const latest = newest ? `; the newest is from ${newest.toISOString()}` : "";
  return `${objects} ${objects === 1 ? "object" : "objects"} of s3://${bucket}${damaged} ${which}${latest}`;
}
