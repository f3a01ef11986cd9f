import type { SQSRecord } from "aws-lambda";
import { RefusedMessageError } from "../consumer/refused-message-error";
import type { BatchReport, Failure } from "./batch-report";
import type { Deadline } from "./deadline";
import type { EventItem } from "./read/event-item";
import { readMessage } from "./read/message";
import type { DeadLetter } from "./refuse/dead-letter";
import type { DeadLetterQueue } from "./refuse/dead-letter-queue";
import type { EventTable } from "./store/event-table";

/** Brings every record of a batch to exactly one end: stored, refused or retried. */
export class EventProcessor {
  constructor(
    private readonly table: EventTable,
    private readonly deadLetterQueue: DeadLetterQueue,
    private readonly eventTtlDays: number,
  ) {}

  /** @param deadline - When it answers; the table has until the reserve before, so that a refusal can still be sent. */
  async process(records: readonly SQSRecord[], deadline: Deadline): Promise<BatchReport> {
    const messages = records.map((record) => readMessage(record, this.eventTtlDays));
    const items = messages.flatMap(({ item }) => item ?? []);
    const unreadable = messages.flatMap((message) => (message.error ? { message, error: message.error } : []));

    // At the same time, so that a slow table keeps no refusal from being sent.
    const [{ errorByItem, folded }, atOnce] = await Promise.all([
      this.table.store(items, deadline.withReserve()),
      this.refuse(unreadable, deadline),
    ]);
    const unstored = messages.flatMap((message) => {
      const error = errorByItem.get(message.item as EventItem);
      return error ? { message, error } : [];
    });
    const later = await this.refuse(unstored, deadline);
    return {
      stored: messages.filter(({ item }) => item && !errorByItem.has(item)),
      folded,
      refused: [...atOnce.refused, ...later.refused],
      retried: [...atOnce.retried, ...later.retried],
    };
  }

  /** Sends what can never succeed to the dead-letter queue; the rest, and what that queue does not take, is retried. */
  private async refuse(
    failures: readonly Failure[],
    deadline: Deadline,
  ): Promise<{ readonly refused: readonly Failure[]; readonly retried: readonly Failure[] }> {
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
