/** Prefixes in the bucket of archived events, and of records that Firehose could not deliver. */
export const ARCHIVE_PREFIX = "raw/";
export const ARCHIVE_ERROR_PREFIX = "errors/";

/** Returns the folder of an hour, from the parts of its time. */
function hourFolder(part: (name: "yyyy" | "MM" | "dd" | "HH") => string): string {
  return `year=${part("yyyy")}/month=${part("MM")}/day=${part("dd")}/hour=${part("HH")}/`;
}

/**
 * Prefix for Firehose, which fills in the UTC time at which it received a record.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export const ARCHIVE_HOUR = hourFolder((name) => `!{timestamp:${name}}`);

/** Returns the folder of an event published at `time`. Firehose may have received it later, in the next hour. */
export function archiveFolder(time: Date): string {
  const iso = time.toISOString();
  const parts = { yyyy: iso.slice(0, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10), HH: iso.slice(11, 13) };
  return ARCHIVE_PREFIX + hourFolder((name) => parts[name]);
}
