import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { FILTER_POLICY_SCOPES } from "@event-pipeline/sns-filter-policy/scope";
import * as z from "zod";
import { defineOption, oneOf, wholeNumber } from "./option-schemas";

/** Options for a queue and the function that consumes it. A subscriber may set its own. */
export const CONSUMER_SHAPE = {
  /**
   * Maximum number of messages in one invocation. More than 10 need a batching window.
   * @default - 10 messages
   */
  batchSize: wholeNumber(1, 10_000, "messages").default(10),
  /**
   * Seconds that Lambda waits for a batch to fill. With a window, an event may wait up to 20 seconds at low traffic.
   * @default - 0 seconds
   */
  batchWindowSeconds: wholeNumber(0, 300, "seconds").default(0),
  /**
   * Timeout of a function, in seconds.
   * @default - 10 seconds
   */
  timeoutSeconds: wholeNumber(1, 900, "seconds").default(10),
  /**
   * Memory of a function, in MiB. Lambda assigns CPU in proportion. With less than the default, the event processor may
   * run out of time for large batches and report their last messages as failed.
   * @default - 512 MiB
   */
  memorySizeMiB: wholeNumber(128, 10_240, "MiB").default(512),
  /**
   * Maximum number of concurrent invocations that a queue causes, at most `reservedConcurrency`.
   * @default - `reservedConcurrency`, or no limit but Lambda's scaling
   */
  maxConcurrency: wholeNumber(2, 1_000, "invocations").optional(),
  /**
   * Reserved concurrency of a function: Lambda sets it aside for the function, which gets no more.
   * @default - the function shares the account's unreserved concurrency
   */
  reservedConcurrency: wholeNumber(2, 1_000, "invocations").optional(),
  /**
   * Number of receives after which SQS moves a message to the dead-letter queue.
   * @default - 3 receives
   */
  maxReceiveCount: wholeNumber(1, 1_000, "receives").default(3),
  /**
   * Visibility timeout of a queue, in seconds: at least 6 × `timeoutSeconds` + `batchWindowSeconds`.
   * @default - 6 × `timeoutSeconds` + `batchWindowSeconds`, as Lambda's documentation recommends
   */
  visibilityTimeoutSeconds: wholeNumber(0, 43_200, "seconds").optional(),
  /**
   * SNS filter policy of the queue's subscription. The archive receives every event regardless.
   * @default - the queue receives every event
   */
  filterPolicy: defineOption(
    // SNS's full grammar depends on the scope, so option-rules.ts checks it.
    z.custom<Readonly<Record<string, unknown>>>((value) => isObject(value) && Object.keys(value).length > 0),
    'an SNS filter policy: an object of names with lists of conditions, such as {"severity": ["high"]}',
  ).optional(),
  /**
   * Part of an event that the filter policy is matched against.
   * @default - MessageAttributes
   */
  filterPolicyScope: oneOf(FILTER_POLICY_SCOPES).default("MessageAttributes"),
  /**
   * Alarm threshold for the age of the oldest message in a queue, in seconds. A message that failed waits for the
   * visibility timeout, so choose more than that.
   * @default - 300 seconds
   */
  oldestMessageAlarmSeconds: wholeNumber(60, 1_209_600, "seconds").default(300),
  /**
   * Alarm threshold, in failed invocations per minute. A failed invocation costs each message of its batch a receive.
   * @default - 0: the first failed invocation raises the alarm
   */
  errorsAlarmCount: wholeNumber(0, 1_000_000, "invocations").default(0),
  /**
   * Alarm threshold, in throttled invocations per minute. A throttled invocation costs each message of its batch a receive.
   * @default - 0: the first throttled invocation raises the alarm
   */
  throttlesAlarmCount: wholeNumber(0, 1_000_000, "invocations").default(0),
};

export type ConsumerOptions = Readonly<z.output<z.ZodObject<typeof CONSUMER_SHAPE>>>;

export function visibilityTimeoutSeconds(options: ConsumerOptions): number {
  return options.visibilityTimeoutSeconds ?? minVisibilityTimeoutSeconds(options);
}

/**
 * Six times the timeout lets Lambda retry throttled invocations before a message reappears.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export function minVisibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }: ConsumerOptions): number {
  return 6 * timeoutSeconds + batchWindowSeconds;
}
