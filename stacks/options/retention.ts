import { daysOrNever, flag, oneOf, text, textOrToken, wholeNumber } from "./option-schemas";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/**
 * S3's naming rules for general purpose buckets, including reserved prefixes and suffixes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const BUCKET_NAME_PATTERN =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!(?:\d+\.){3}\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A new bucket's name. `-an` is reserved for account regional namespaces; S3's TLS certificate covers no dots. */
export const NEW_BUCKET_NAME_PATTERN = new RegExp(`(?!^.*-an$)(?=^[^.]+$)${BUCKET_NAME_PATTERN.source}`);

export const NEW_BUCKET_NAME_ALLOWED =
  "3 to 63 lowercase letters, digits and hyphens, no hyphen at either end, no prefix that S3 reserves (xn--, sthree-, amzn-s3-demo-) and no suffix that it reserves (-s3alias, --ol-s3, .mrap, --x-s3, --table-s3, -an)";

export const AWS_REGION = text(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "an AWS region, such as eu-central-1");

/** Options for where events are kept, and for how long. */
export const RETENTION_SHAPE = {
  /**
   * AWS region of the pipeline.
   * @default - us-east-1
   */
  region: AWS_REGION.default("us-east-1"),
  /**
   * Number of days from an event's publication until its item expires. With 0, items never expire.
   * @default - 90 days
   */
  eventTtlDays: wholeNumber(0, 36_500, "days").default(90),
  /**
   * Adds the global secondary index `event-id` to the table, for finding an event by its ID alone. The index contains
   * only keys, and doubles the cost of writes.
   * @default - false: finding an event by its ID alone reads the whole table
   */
  eventIdIndex: flag().default(false),
  /**
   * Number of days that a queue keeps an unprocessed message. Must be less than `deadLetterRetentionDays`.
   * @default - 4 days
   */
  queueRetentionDays: wholeNumber(1, 13, "days").default(4),
  /**
   * Number of days that a dead-letter queue keeps a message, counted from the message's arrival in the source queue.
   * Must be more than `queueRetentionDays`.
   * @default - 14 days
   */
  deadLetterRetentionDays: wholeNumber(1, 14, "days").default(14),
  /**
   * Number of days that CloudWatch keeps log events.
   * @default - 14 days
   */
  logRetentionDays: oneOf(LOG_RETENTION_DAYS).default(14),
  /**
   * Protects stored events. If true, Terraform refuses to destroy or replace the table, the bucket, the queues and the
   * key that `kmsKey: create` created, and DynamoDB refuses to delete the table. If false, destroying the stack removes
   * everything, as is usual for a sandbox.
   * @default - true
   */
  retainData: flag().default(true),
  /**
   * Name of the archive's bucket. The name must be unique among all buckets in AWS. Changing it replaces the bucket.
   * @default - `{name}-events-raw`
   */
  rawBucketName: textOrToken(NEW_BUCKET_NAME_PATTERN, NEW_BUCKET_NAME_ALLOWED).optional(),
  /**
   * Maximum number of seconds that Firehose buffers events before it writes an object. Fewer seconds mean more objects
   * of smaller size, and S3 charges for each.
   * @default - 300 seconds
   */
  archiveBufferSeconds: wholeNumber(0, 900, "seconds").default(300),
  /**
   * Number of days until S3 moves an archived object to STANDARD_IA. S3 does not move objects smaller than 128 KB.
   * @default - 30 days
   */
  archiveStandardIaDays: daysOrNever(30, 36_500).default(30),
  /**
   * Number of days until S3 moves an archived object to GLACIER, at least 30 more than `archiveStandardIaDays`. You
   * must restore an object in GLACIER before you can read it. S3 does not move objects smaller than 128 KB, so the
   * archive of a pipeline with few events stays in STANDARD.
   * @default - 90 days
   */
  archiveGlacierDays: daysOrNever(1, 36_500).default(90),
  /**
   * Number of days until an archived object expires. Must be more than `archiveStandardIaDays` and
   * `archiveGlacierDays`. S3 keeps overwritten and deleted versions for 30 more days.
   * @default - 0: archived objects do not expire
   */
  archiveExpiryDays: daysOrNever(1, 36_500).default(0),
};
