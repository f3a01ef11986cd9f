/** Where the bucket has archived events, and what Firehose could not deliver as it should. */
export const ARCHIVE_PREFIX = "raw/";
export const ARCHIVE_ERROR_PREFIX = "errors/";

/**
 * The folder of an hour, with Firehose's expressions for its own UTC clock.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export const ARCHIVE_HOUR = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/";
