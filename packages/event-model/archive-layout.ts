/** Prefixes in the archive's bucket: of archived events, and of records that Firehose could not deliver. */
export const ARCHIVE_PREFIX = "raw/";
export const ARCHIVE_ERROR_PREFIX = "errors/";

/** The object with the contracts and the mapping. Its earlier versions are those of earlier deployments. */
export const CONTRACTS_KEY = "contracts/contracts.json";

/** Returns the prefix of one hour. `part` returns one part of its time, such as the year for `yyyy`. */
function hourPrefix(part: (name: "yyyy" | "MM" | "dd" | "HH") => string): string {
  return `year=${part("yyyy")}/month=${part("MM")}/day=${part("dd")}/hour=${part("HH")}/`;
}

/**
 * The prefix of an hour as a Firehose expression. Firehose inserts the UTC time at which it received a record.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export const ARCHIVE_HOUR = hourPrefix((name) => `!{timestamp:${name}}`);

/**
 * Returns the prefix of events published at `time`. An event that Firehose received after the hour is under the next
 * prefix.
 *
 * @example
 * archiveHourPrefix(new Date("2026-01-02T03:04:05Z")); // "raw/year=2026/month=01/day=02/hour=03/"
 */
export function archiveHourPrefix(time: Date): string {
  const iso = time.toISOString();
  const parts = { yyyy: iso.slice(0, 4), MM: iso.slice(5, 7), dd: iso.slice(8, 10), HH: iso.slice(11, 13) };
  return ARCHIVE_PREFIX + hourPrefix((name) => parts[name]);
}
