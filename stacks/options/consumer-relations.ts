import { type Check, problemsOf } from "./check";
import { type ConsumerOptions, leastVisibilityTimeoutSeconds, visibilityTimeoutSeconds } from "./consumer";
import { filterPolicyProblems } from "./filter-policy";

/** What is wrong with the options of one consumer together, each valid alone. */
export function consumerProblems(options: ConsumerOptions): string[] {
  const least = leastVisibilityTimeoutSeconds(options);
  const visibility = visibilityTimeoutSeconds(options);
  const { batchSize, batchWindowSeconds, maxConcurrency = 0, reservedConcurrency = Number.POSITIVE_INFINITY } = options;
  const checks: readonly Check[] = [
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
  return [...problemsOf(checks), ...filterPolicyProblems(options)];
}
