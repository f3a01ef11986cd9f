import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { mayStoreExpired, type RetentionOptions } from "./options/retention";

/** Has synth warn where an event may wait in the queues for longer than its item is kept. */
export function warnOfExpiry(scope: Construct, options: RetentionOptions): void {
  if (!mayStoreExpired(options)) return;
  const { eventTtlDays, queueRetentionDays, deadLetterRetentionDays } = options;
  Annotations.of(scope).addWarning(
    `eventTtlDays is ${eventTtlDays}, and queue and dead-letter queue keep messages for ${queueRetentionDays} + ${deadLetterRetentionDays} days: an event that is redriven late is stored expired, and soon deleted. The metric EventsExpired counts them.`,
  );
}
