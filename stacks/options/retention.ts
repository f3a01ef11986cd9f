import type * as z from "zod";
import { NEW_BUCKET_NAME, NEW_BUCKET_NAME_ALLOWED } from "./bucket-name";
import { daysOrNever, flag, oneOf, text, textOrToken, wholeNumber } from "./kinds";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const AWS_REGION = text(/^[a-z]{2,4}(-[a-z]+)+-\d$/, "an AWS region such as eu-central-1");

/** Options of where events are kept, and for how long. */
export const RETENTION_SHAPE = {
  /**
   * AWS region.
   * @default - us-east-1
   */
  region: AWS_REGION.default("us-east-1"),
  /**
   * Days from the publication of an event until its item expires; 0 keeps items for ever.
   * @default - 90 days
   */
  eventTtlDays: wholeNumber(0, 36_500, "days").default(90),
  /**
   * Whether the table has a global secondary index `event-id`, by which an event is found without its type or time. It
   * holds the keys alone, and makes every write cost twice.
   * @default - false: without a type, looking for an id reads the table
   */
  eventIdIndex: flag().default(false),
  /**
   * Days that a queue keeps an unprocessed message: one less than a dead-letter queue may have, at most.
   * @default - 4 days
   */
  queueRetentionDays: wholeNumber(1, 13, "days").default(4),
  /**
   * Days that a dead-letter queue keeps a message, counted from its first arrival in the queue, so more than
   * `queueRetentionDays`.
   * @default - 14 days
   */
  deadLetterRetentionDays: wholeNumber(1, 14, "days").default(14),
  /**
   * Days that logs are kept.
   * @default - 14 days
   */
  logRetentionDays: oneOf(LOG_RETENTION_DAYS).default(14),
  /**
   * Whether stored events outlive the stack: true makes `cdktf destroy`, and any plan that would replace them, refuse
   * the table, the bucket, the queues and a key that was made, and protects the table from deletion in AWS too; false
   * lets it remove everything, for a sandbox.
   * @default - true: events are kept
   */
  retainData: flag().default(true),
  /**
   * Name of the archive's bucket, which no other bucket in the world may have. Another name replaces the bucket.
   * @default - `{name}-events-raw`
   */
  rawBucketName: textOrToken(NEW_BUCKET_NAME, NEW_BUCKET_NAME_ALLOWED).optional(),
  /**
   * Days after which an archived object of 128 KB or more moves to the class STANDARD_IA, for which S3 wants 30 at
   * least. S3 moves no smaller object.
   * @default - 30 days
   */
  archiveStandardIaDays: daysOrNever(30, 36_500).default(30),
  /**
   * Days after which an archived object of 128 KB or more moves to the class GLACIER, from which it has to be restored
   * before it can be read; 30 more than `archiveStandardIaDays`. S3 moves no smaller object: a quiet pipeline's archive
   * stays in STANDARD.
   * @default - 90 days
   */
  archiveGlacierDays: daysOrNever(1, 36_500).default(90),
  /**
   * Days after which an archived object is deleted; more than those. What was overwritten or deleted by hand is kept for
   * 30 days more.
   * @default - 0: archived objects are kept
   */
  archiveExpiryDays: daysOrNever(1, 36_500).default(0),
};

export type RetentionOptions = Readonly<z.output<z.ZodObject<typeof RETENTION_SHAPE>>>;

/** Whether an event may wait in the queues for longer than its item is kept: the time to live counts from its publication. */
export function mayStoreExpired(options: RetentionOptions): boolean {
  const { eventTtlDays, queueRetentionDays, deadLetterRetentionDays } = options;
  return eventTtlDays > 0 && eventTtlDays <= queueRetentionDays + deadLetterRetentionDays;
}
