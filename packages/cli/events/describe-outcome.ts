import { type EventTrace, outcomeOf, type TraceOutcome } from "@event-pipeline/operations/events/trace/event-trace";
import type { QueueCounts } from "@event-pipeline/operations/sqs/queue-counts";
import { countOf } from "../output";

export interface OutcomeDescription {
  readonly outcome: TraceOutcome;
  readonly sentence: string;
  /** The command to run next. */
  readonly next?: string;
}

/** Describes where an event ended. */
export function describeOutcome(trace: EventTrace, queue: QueueCounts | undefined): OutcomeDescription {
  const outcome = outcomeOf(trace);
  const { messageId, stored, refusal, attempts, deadLetter } = trace;
  switch (outcome) {
    case "stored":
      return { outcome, sentence: "Stored." };
    case "folded":
      return {
        outcome,
        sentence: `Stored. One item represents this publication and ${stored?.message_id}, which has the same text, id and time.`,
      };
    case "dead-lettered":
      if (deadLetter?.queue.endsWith("-undelivered")) {
        return {
          outcome,
          sentence:
            "Not delivered: SNS could not deliver it to a subscription. The queue or stream may be missing, or may not allow it.",
          next: `event-pipeline dlq show ${messageId} --queue undelivered. After fixing the cause: event-pipeline dlq redrive --queue undelivered`,
        };
      }
      return {
        outcome,
        sentence: "In the dead-letter queue, unless it was redriven or purged since.",
        next: `event-pipeline dlq show ${messageId}. After fixing the cause: event-pipeline dlq redrive --id ${messageId}`,
      };
    case "filtered":
      return {
        outcome,
        sentence: "Filtered: the filter policy of the queue's subscription leaves it out. The archive has it.",
      };
    case "expired":
      return { outcome, sentence: "Expired: its item has passed its expiry. The archive has it." };
    case "deleted":
      return {
        outcome,
        sentence: "Stored before, and no longer in the table: its item was deleted.",
        next: "event-pipeline archive replay --only-missing restores it from the archive",
      };
    case "retried":
      return {
        outcome,
        sentence: `Failed ${countOf(attempts.length, "time")}. SQS delivers it again, or moves it to the dead-letter queue after its last receive.`,
      };
    case "waiting":
      return {
        outcome,
        sentence: [
          "Archived, but neither stored, nor in the dead-letter queue, nor in the handler's log of that time.",
          ...(queue ? [`The queue has ${queue.visible} visible messages and ${queue.inFlight} in flight.`] : []),
          ...(refusal ? [`The handler would refuse it: ${refusal.code}.`] : []),
        ].join(" "),
        ...(!refusal && {
          next: "event-pipeline events show --since 1d. Once the queue is empty: event-pipeline archive replay --only-missing",
        }),
      };
  }
}
