import type { Check } from "./check";
import { leastVisibilityTimeoutSeconds, type PipelineOptions, visibilityTimeoutSeconds } from "./options";

/** The options of one queue and its function, which each consumer may have in its own way. */
export const CONSUMER_OPTIONS = [
  "batchSize",
  "batchWindowSeconds",
  "timeoutSeconds",
  "memorySizeMiB",
  "maxConcurrency",
  "reservedConcurrency",
  "maxReceiveCount",
  "visibilityTimeoutSeconds",
  "oldestMessageAlarmSeconds",
] as const satisfies readonly (keyof PipelineOptions)[];

export type ConsumerOptions = Pick<PipelineOptions, (typeof CONSUMER_OPTIONS)[number]>;

/** The pipeline's options, but for those that a consumer has its own of. */
export function consumerOptions(options: PipelineOptions, own: Partial<ConsumerOptions>): PipelineOptions {
  const given = CONSUMER_OPTIONS.filter((key) => own[key] !== undefined);
  return { ...options, ...Object.fromEntries(given.map((key) => [key, own[key]])) };
}

export function consumerChecks(options: PipelineOptions): Check[] {
  const least = leastVisibilityTimeoutSeconds(options);
  const visibility = visibilityTimeoutSeconds(options);
  const { batchSize, batchWindowSeconds, maxConcurrency = 0, reservedConcurrency = Number.POSITIVE_INFINITY } = options;
  return [
    {
      broken: visibility < least,
      problem: `visibilityTimeoutSeconds is ${visibility}. It must be at least ${least}, 6 × timeoutSeconds + batchWindowSeconds, or messages reappear while they are processed. Leave it out to have it derived.`,
    },
    {
      broken: batchSize > 10 && batchWindowSeconds < 1,
      problem: `batchSize is ${batchSize} and batchWindowSeconds ${batchWindowSeconds}. Above 10 messages Lambda wants a window of at least 1 second.`,
    },
    {
      broken: maxConcurrency > reservedConcurrency,
      problem: `maxConcurrency is ${maxConcurrency} and reservedConcurrency ${reservedConcurrency}. The queue must not ask for more invocations than its function may have: what Lambda throttles costs a receive.`,
    },
  ];
}
