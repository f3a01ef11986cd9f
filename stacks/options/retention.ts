import { daysOrNever, flag, oneOf, text, textOrToken, wholeNumber } from "./option-schemas";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/**
 * The naming rules of general purpose buckets, with the prefixes and suffixes that S3 reserves.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!(?:\d+\.){3}\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A new bucket's name. `-an` is for account regional namespaces, and S3's wildcard certificate covers no name with dots. */
export const NEW_BUCKET_NAME = new RegExp(`(?!^.*-an$)(?=^[^.]+$)${BUCKET_NAME.source}`);

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
   * Days from an event's publication until its item expires. 0 keeps items forever.
   * @default - 90 days
   */
  eventTtlDays: wholeNumber(0, 36_500, "days").default(90),
  /**
   * Adds the global secondary index `event-id` to the table, to find an event by its ID alone. The index contains only
   * keys and doubles the cost of writes.
   * @default - false: finding an event by its ID alone reads the whole table
   */
  eventIdIndex: flag().default(false),
  /**
   * Days that a queue keeps an unprocessed message. A dead-letter queue must keep it longer, and SQS allows 14 days.
   * @default - 4 days
   */
  queueRetentionDays: wholeNumber(1, 13, "days").default(4),
  /**
   * Days that a dead-letter queue keeps a message, counted from its arrival in the first queue. Must be more than
   * `queueRetentionDays`.
   * @default - 14 days
   */
  deadLetterRetentionDays: wholeNumber(1, 14, "days").default(14),
  /**
   * Days that CloudWatch keeps logs.
   * @default - 14 days
   */
  logRetentionDays: oneOf(LOG_RETENTION_DAYS).default(14),
  /**
   * Protects stored events: Terraform refuses to destroy or replace the table, bucket, queues and the key that `kmsKey`
   * created, and DynamoDB refuses to delete the table. With false, destroying the stack removes
   * everything, which suits a sandbox.
   * @default - true
   */
  retainData: flag().default(true),
  /**
   * Name of the archive's bucket, unique among all buckets of AWS. Changing it replaces the bucket.
   * @default - `{name}-events-raw`
   */
  rawBucketName: textOrToken(NEW_BUCKET_NAME, NEW_BUCKET_NAME_ALLOWED).optional(),
  /**
   * Days until an archived object of 128 KB or more moves to STANDARD_IA. S3 does not move smaller objects.
   * @default - 30 days
   */
  archiveStandardIaDays: daysOrNever(30, 36_500).default(30),
  /**
   * Days until an archived object of 128 KB or more moves to GLACIER, at least 30 more than `archiveStandardIaDays`. An
   * object in GLACIER must be restored before you can read it. S3 does not move smaller objects, so the archive of a
   * pipeline with little traffic stays in STANDARD.
   * @default - 90 days
   */
  archiveGlacierDays: daysOrNever(1, 36_500).default(90),
  /**
   * Days until an archived object expires, more than both options above. S3 keeps overwritten and deleted versions for
   * 30 more days.
   * @default - 0: archived objects do not expire
   */
  archiveExpiryDays: daysOrNever(1, 36_500).default(0),
};
