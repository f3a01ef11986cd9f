/** Where the bucket has archived events, and what Firehose could not deliver as it should. */
export const ARCHIVE_PREFIX = "raw/";
export const ARCHIVE_ERROR_PREFIX = "errors/";

/** The folder of an hour, of the time as `year` to `hour` name its parts. */
function hourFolder(part: (name: "yyyy" | "MM" | "dd" | "HH") => string): string {
  return `year=${part("yyyy")}/month=${part("MM")}/day=${part("dd")}/hour=${part("HH")}/`;
}

/**
 * The folder of an hour in the words of Firehose, which fills in the UTC time
 * at which it took a record.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export const ARCHIVE_HOUR = hourFolder((name) => `!{timestamp:${name}}`);

/** Where the archive has what was published at `time`; Firehose may have taken it a little later, in the next hour. */
export function archiveFolder(time: Date): string {
  const iso = time.toISOString();
  const parts = { yyyy: iso.slice(0, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10), HH: iso.slice(11, 13) };
  return ARCHIVE_PREFIX + hourFolder((name) => parts[name]);
}
