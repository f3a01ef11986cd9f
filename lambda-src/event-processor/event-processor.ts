import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { SQSRecord } from "aws-lambda";
import type { Deadline } from "./deadline";
import type { Failure, Outcome } from "./outcome";
import type { DeadLetter } from "./refuse/dead-letter";
import type { DeadLetterQueue } from "./refuse/dead-letter-queue";
import { readInSteps, type Step } from "./steps";
import type { EventStore } from "./store/event-store";

/**
 * Steps under way at once. One whose items DynamoDB throttles keeps the others
 * waiting only when there are as many of its kind; and the requests of these
 * have a connection each, of the 50 that a client opens.
 */
const STEPS_AT_ONCE = 5;

const NOTHING: Outcome = { stored: [], folded: 0, refused: [], retried: [], late: [], unacknowledged: [] };

/** Brings every record of a batch to exactly one end: stored, refused or handed back. */
export class EventProcessor {
  constructor(
    private readonly table: EventStore,
    private readonly deadLetterQueue: DeadLetterQueue,
    private readonly eventTtlDays: number,
  ) {}

  /**
   * @param deadline - When it is done; the table has until the reserve before, so that a refusal can still be sent.
   * @param report - Told of each step as soon as it has ended.
   */
  async process(records: readonly SQSRecord[], deadline: Deadline, report: (outcome: Outcome) => void): Promise<void> {
    const steps = readInSteps(records, this.eventTtlDays, deadline);
    const takeSteps = async () => {
      for await (const step of steps) report(await this.finish(step, deadline));
    };
    await Promise.all(Array.from({ length: STEPS_AT_ONCE }, takeSteps));
  }

  private async finish({ messages, unread }: Step, deadline: Deadline): Promise<Outcome> {
    if (deadline.hasPassed()) return { ...NOTHING, late: [...messages.map(({ record }) => record), ...unread] };
    const items = messages.flatMap(({ item }) => item ?? []);
    const unreadable = messages.flatMap((message) => (message.error ? { message, error: message.error } : []));

    // At the same time, so that a slow table keeps no refusal from being sent.
    const [{ errorByItem, folded, unacknowledged }, atOnce] = await Promise.all([
      this.table.store(items, deadline.withReserve()),
      this.refuse(unreadable, deadline),
    ]);
    const stored = messages.filter(({ item }) => item && !errorByItem.has(item));
    const unstored = messages.flatMap((message) => {
      const error = message.item && errorByItem.get(message.item);
      return error ? { message, error } : [];
    });
    const later = await this.refuse(unstored, deadline);
    return {
      stored,
      folded,
      refused: [...atOnce.refused, ...later.refused],
      retried: [...atOnce.retried, ...later.retried],
      late: unread,
      unacknowledged,
    };
  }

  /** Sends what can never succeed to the dead-letter queue; the rest, and what that queue does not take, is retried. */
  private async refuse(
    failures: readonly Failure[],
    deadline: Deadline,
  ): Promise<Pick<Outcome, "refused" | "retried">> {
    const letterByFailure = new Map<Failure, DeadLetter>();
    for (const failure of failures) {
      const { message, error } = failure;
      if (!(error instanceof RefusedMessageError)) continue;
      letterByFailure.set(failure, { record: message.record, error, snsMessageId: message.envelope?.messageId });
    }
    const errorByLetter = await this.deadLetterQueue.send([...letterByFailure.values()], deadline);

    const refused: Failure[] = [];
    const retried: Failure[] = [];
    for (const failure of failures) {
      const letter = letterByFailure.get(failure);
      const sendError = letter && errorByLetter.get(letter);
      if (letter && !sendError) refused.push(failure);
      else retried.push(sendError ? { ...failure, error: sendError } : failure);
    }
    return { refused, retried };
  }
}
