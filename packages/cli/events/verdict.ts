import { type EventWay, type Outcome, outcomeOf } from "@event-pipeline/operations/events/trace/event-trace";
import type { QueueCounts } from "@event-pipeline/operations/sqs/queue-counts";

export interface Verdict {
  readonly outcome: Outcome;
  readonly sentence: string;
  /** What to run next. */
  readonly next?: string;
}

/** Where an event is, in a sentence. */
export function verdictOf(way: EventWay, queue: QueueCounts | undefined): Verdict {
  const outcome = outcomeOf(way);
  const { messageId, stored, refusal, attempts, deadLetter } = way;
  switch (outcome) {
    case "stored":
      return { outcome, sentence: "Stored." };
    case "folded":
      return {
        outcome,
        sentence: `Stored: one item stands for it and for ${stored?.message_id}, which has the same text, id and time.`,
      };
    case "dead-lettered":
      if (deadLetter?.queue.endsWith("-undelivered")) {
        return {
          outcome,
          sentence:
            "Undelivered: SNS could not hand it to a subscription, whose queue or stream may have no permission or not be there.",
          next: `event-pipeline dlq show ${messageId} --queue undelivered; then event-pipeline dlq redrive --queue undelivered`,
        };
      }
      return {
        outcome,
        sentence: "In the dead-letter queue, unless it was taken from there since.",
        next: `event-pipeline dlq show ${messageId}; when the cause is mended: event-pipeline dlq redrive --id ${messageId}`,
      };
    case "filtered":
      return {
        outcome,
        sentence:
          "Filtered: the filter policy of the queue's subscription leaves it out. The archive has it all the same.",
      };
    case "expired":
      return { outcome, sentence: "Expired: its time in the table is over. The archive has it." };
    case "deleted":
      return {
        outcome,
        sentence: "Stored once, and not in the table any more: somebody deleted it.",
        next: "event-pipeline archive replay --only-missing brings it back from the archive",
      };
    case "retried":
      return {
        outcome,
        sentence: `Handed back ${attempts.length === 1 ? "once" : `${attempts.length} times`}: SQS delivers it again, or moves it to the dead-letter queue in the end.`,
      };
    case "waiting":
      return {
        outcome,
        sentence: [
          "Archived, and neither in the table nor in the dead-letter queue, nor has the handler logged it in that time.",
          ...(queue ? [`The queue has ${queue.visible} messages waiting and ${queue.inFlight} in flight.`] : []),
          ...(refusal ? [`The handler would refuse it: ${refusal.code}.`] : []),
        ].join(" "),
        ...(!refusal && {
          next: "event-pipeline events show --since 1d, or archive replay --only-missing once the queue is empty",
        }),
      };
  }
}
