/** Prefixes of the bucket: for archived events, and for records that Firehose could not deliver there. */
export const ARCHIVE_PREFIX = "raw/";
export const ARCHIVE_ERROR_PREFIX = "errors/";

/** Returns the folder of an hour, from the parts of its time. */
function hourFolder(part: (name: "yyyy" | "MM" | "dd" | "HH") => string): string {
  return `year=${part("yyyy")}/month=${part("MM")}/day=${part("dd")}/hour=${part("HH")}/`;
}

/**
 * The folder of an hour as an expression of Firehose, which fills in the UTC time at which it received a record.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export const ARCHIVE_HOUR = hourFolder((name) => `!{timestamp:${name}}`);

/**
 * Returns the folder of events that were published at `time`. Firehose may have received an event a little later, in the
 * next hour.
 *
 * @example
 * archiveFolder(new Date("2026-01-02T03:04:05Z")); // "raw/year=2026/month=01/day=02/hour=03/"
 */
export function archiveFolder(time: Date): string {
  const iso = time.toISOString();
  const parts = { yyyy: iso.slice(0, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10), HH: iso.slice(11, 13) };
  return ARCHIVE_PREFIX + hourFolder((name) => parts[name]);
}
