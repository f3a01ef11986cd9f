import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { FILTER_POLICY_SCOPES } from "@event-pipeline/sns-filter-policy/scope";
import * as z from "zod";
import { defineOption, oneOf, wholeNumber } from "./option-schemas";

/** Options for a queue and the function that consumes it. A subscriber may set its own. */
export const CONSUMER_SHAPE = {
  /**
   * Maximum number of messages in one batch. A batch of more than 10 messages requires `batchWindowSeconds`.
   * @default - 10 messages
   */
  batchSize: wholeNumber(1, 10_000, "messages").default(10),
  /**
   * Maximum number of seconds that Lambda waits for a batch to fill. With a window, events can wait up to 20 seconds if
   * few events arrive.
   * @default - 0 seconds
   */
  batchWindowSeconds: wholeNumber(0, 300, "seconds").default(0),
  /**
   * Timeout of each function, in seconds.
   * @default - 10 seconds
   */
  timeoutSeconds: wholeNumber(1, 900, "seconds").default(10),
  /**
   * Memory of each function, in MiB. Lambda assigns CPU in proportion to memory. With less than the default, the event
   * processor may not have time for all messages of a large batch, and reports the rest as failed.
   * @default - 512 MiB
   */
  memorySizeMiB: wholeNumber(128, 10_240, "MiB").default(512),
  /**
   * Instruction set of each function.
   * @default - arm64, which costs 20 % less than x86_64 for each GB-second
   */
  architecture: oneOf(["arm64", "x86_64"]).default("arm64"),
  /**
   * Maximum number of concurrent invocations for each queue. Must not exceed `reservedConcurrency`.
   * @default - `reservedConcurrency` if set; otherwise, only Lambda's scaling limits apply
   */
  maxConcurrency: wholeNumber(2, 1_000, "invocations").optional(),
  /**
   * Reserved concurrency of each function: the number of concurrent invocations that Lambda reserves for the function,
   * which is also the function's maximum.
   * @default - the function shares the account's unreserved concurrency
   */
  reservedConcurrency: wholeNumber(2, 1_000, "invocations").optional(),
  /**
   * Number of receives after which SQS moves a message to the dead-letter queue.
   * @default - 3 receives
   */
  maxReceiveCount: wholeNumber(1, 1_000, "receives").default(3),
  /**
   * Visibility timeout of each queue, in seconds. Must be at least 6 × `timeoutSeconds` + `batchWindowSeconds`.
   * @default - 6 × `timeoutSeconds` + `batchWindowSeconds`, as Lambda's documentation recommends
   */
  visibilityTimeoutSeconds: wholeNumber(0, 43_200, "seconds").optional(),
  /**
   * SNS filter policy of the queue's subscription. The archive always receives every event.
   * @default - the queue receives every event
   */
  filterPolicy: defineOption(
    // SNS's other rules depend on the scope. option-rules.ts checks them.
    z.custom<Readonly<Record<string, unknown>>>((value) => isObject(value) && Object.keys(value).length > 0),
    'an SNS filter policy: an object of names with lists of conditions, such as {"severity": ["high"]}',
  ).optional(),
  /**
   * The part of a message that the filter policy applies to.
   * @default - MessageAttributes
   */
  filterPolicyScope: oneOf(FILTER_POLICY_SCOPES).default("MessageAttributes"),
  /**
   * Alarm threshold for the age of the oldest message in a queue, in seconds. Choose more than the visibility timeout,
   * because failed messages wait for that time.
   * @default - 300 seconds
   */
  oldestMessageAlarmSeconds: wholeNumber(60, 1_209_600, "seconds").default(300),
  /**
   * Alarm threshold for failed invocations per minute. After a failed invocation, SQS delivers the batch again, and
   * each message's receive count has increased by 1.
   * @default - 0: the alarm fires at the first failed invocation
   */
  errorsAlarmCount: wholeNumber(0, 1_000_000, "invocations").default(0),
  /**
   * Alarm threshold for throttled invocations per minute. A throttled invocation also increases the receive count of
   * each message in its batch by 1.
   * @default - 0: the alarm fires at the first throttled invocation
   */
  throttlesAlarmCount: wholeNumber(0, 1_000_000, "invocations").default(0),
};

export type ConsumerOptions = Readonly<z.output<z.ZodObject<typeof CONSUMER_SHAPE>>>;

export function visibilityTimeoutSeconds(options: ConsumerOptions): number {
  return options.visibilityTimeoutSeconds ?? minVisibilityTimeoutSeconds(options);
}

/**
 * Returns the minimum visibility timeout, in seconds. Six times the function's timeout gives Lambda time to retry
 * throttled invocations before a message reappears.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export function minVisibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }: ConsumerOptions): number {
  return 6 * timeoutSeconds + batchWindowSeconds;
}
