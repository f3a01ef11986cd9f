import { isObject } from "@event-pipeline/sns-filter-policy/json";
import { FILTER_POLICY_SCOPES } from "@event-pipeline/sns-filter-policy/scope";
import * as z from "zod";
import { ofKind, oneOf, wholeNumber } from "./kinds";

/** Options of one queue and the function that consumes it; each subscriber may have its own. */
export const CONSUMER_SHAPE = {
  /**
   * Most messages in one invocation. Above 10 Lambda wants a batching window.
   * @default - 10 messages
   */
  batchSize: wholeNumber(1, 10_000, "messages").default(10),
  /**
   * Seconds that Lambda waits for a batch to fill. With any window, low traffic may wait up to 20 seconds.
   * @default - 0, no waiting
   */
  batchWindowSeconds: wholeNumber(0, 300, "seconds").default(0),
  /**
   * Seconds after which Lambda kills an invocation.
   * @default - 10 seconds
   */
  timeoutSeconds: wholeNumber(1, 900, "seconds").default(10),
  /**
   * MiB of memory of a function; CPU comes in proportion. With less than the default the event processor may have no
   * time for the worst batches, and hands them back.
   * @default - 512 MiB
   */
  memorySizeMiB: wholeNumber(128, 10_240, "MiB").default(512),
  /**
   * Most invocations that the queue may have running at once; at most `reservedConcurrency`.
   * @default - as many as Lambda scales to
   */
  maxConcurrency: wholeNumber(2, 1_000, "invocations").optional(),
  /**
   * Invocations that are kept for a function, and the most that it may have; also the most of its queue, unless
   * `maxConcurrency` says less.
   * @default - none are kept; the functions of the account share what there is
   */
  reservedConcurrency: wholeNumber(2, 1_000, "invocations").optional(),
  /**
   * Receives after which SQS moves a message to the dead-letter queue.
   * @default - 3 receives
   */
  maxReceiveCount: wholeNumber(1, 1_000, "receives").default(3),
  /**
   * Seconds that a received message is hidden from other receivers; at least 6 × `timeoutSeconds` +
   * `batchWindowSeconds`.
   * @default - that least, which Lambda's documentation asks for
   */
  visibilityTimeoutSeconds: wholeNumber(0, 43_200, "seconds").optional(),
  /**
   * SNS filter policy of the queue's subscription; the archive gets every event all the same.
   * @default - the queue gets every event
   */
  filterPolicy: ofKind(
    // SNS's grammar is in sns/, which is asked once the scope is known.
    z.custom<Readonly<Record<string, unknown>>>((value) => isObject(value) && Object.keys(value).length > 0),
    'an SNS filter policy: names with lists of what to match, such as {"severity": ["high"]}',
  ).optional(),
  /**
   * What the filter policy looks at.
   * @default - MessageAttributes
   */
  filterPolicyScope: oneOf(FILTER_POLICY_SCOPES).default("MessageAttributes"),
  /**
   * Seconds that an event may wait in a queue before an alarm tells of it. What failed once waits for the visibility
   * timeout, so more than that is calmer.
   * @default - 300 seconds
   */
  oldestMessageAlarmSeconds: wholeNumber(60, 1_209_600, "seconds").default(300),
  /**
   * Failed invocations within a minute beyond which an alarm tells of them; each costs every message of its batch a
   * receive.
   * @default - 0: the first one
   */
  errorsAlarmCount: wholeNumber(0, 1_000_000, "invocations").default(0),
  /**
   * Throttled invocations within a minute beyond which an alarm tells of them; what Lambda throttles costs a receive.
   * @default - 0: the first one
   */
  throttlesAlarmCount: wholeNumber(0, 1_000_000, "invocations").default(0),
};

export type ConsumerOptions = Readonly<z.output<z.ZodObject<typeof CONSUMER_SHAPE>>>;

/** The SNS filter policy of a subscription, as its JSON stands for. */
export type FilterPolicy = NonNullable<ConsumerOptions["filterPolicy"]>;

/** A queue that asked for more than its function may have would have its messages throttled, which costs each a receive. */
export function maxConcurrency(options: ConsumerOptions): number | undefined {
  return options.maxConcurrency ?? options.reservedConcurrency;
}

/** 6 × timeout lets Lambda retry throttled invocations before a message reappears. */
export function visibilityTimeoutSeconds(options: ConsumerOptions): number {
  return options.visibilityTimeoutSeconds ?? leastVisibilityTimeoutSeconds(options);
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export function leastVisibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }: ConsumerOptions): number {
  return 6 * timeoutSeconds + batchWindowSeconds;
}
