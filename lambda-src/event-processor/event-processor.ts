import type { EventContracts } from "@event-pipeline/contracts/event-contracts";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { SQSRecord } from "aws-lambda";
import type { RefusedMessage } from "./dead-letter-entry";
import type { DeadLetterQueue } from "./dead-letter-queue";
import type { Deadline } from "./deadline";
import type { UnacknowledgedError } from "./errors";
import type { EventStore } from "./event-store";
import { type MessageGroup, type ParsedMessage, parseInGroups } from "./messages";

/** The outcomes of a group's records. Each record is in one of `stored`, `refused`, `retried` and `timedOut`. */
export interface GroupOutcome {
  /** Messages whose events are in the table. */
  readonly stored: readonly ParsedMessage[];
  /** Number of stored messages that were not written, because a later message has the same key. */
  readonly folded: number;
  /** Messages that are in the dead-letter queue. */
  readonly refused: readonly FailedMessage[];
  /** Messages that SQS delivers again. */
  readonly retried: readonly FailedMessage[];
  /** Records that SQS delivers again, because the deadline passed before they were processed. */
  readonly timedOut: readonly SQSRecord[];
  /** Responses from DynamoDB that do not say which items are stored. */
  readonly unacknowledged: readonly UnacknowledgedError[];
}

export interface FailedMessage {
  readonly message: ParsedMessage;
  readonly error: Error;
}

/**
 * Number of groups processed concurrently. Throttled groups delay other groups only if this many are throttled. The
 * client's 50 connections are enough for the requests of all groups.
 */
const CONCURRENT_GROUPS = 5;

const NOTHING: GroupOutcome = { stored: [], folded: 0, refused: [], retried: [], timedOut: [], unacknowledged: [] };

/** Stores a batch. Each record has exactly one outcome: stored, refused or retried. */
export class EventProcessor {
  constructor(
    private readonly store: EventStore,
    private readonly deadLetterQueue: DeadLetterQueue,
    private readonly contracts: EventContracts,
    private readonly eventTtlDays: number,
  ) {}

  /**
   * @param deadline - The time by which processing ends. Writes to the table end earlier, to leave time for dead letters.
   * @param report - Called with the outcome of each group as soon as it is known.
   */
  async process(
    records: readonly SQSRecord[],
    deadline: Deadline,
    report: (outcome: GroupOutcome) => void,
  ): Promise<void> {
    const groups = parseInGroups(records, this.contracts, this.eventTtlDays, deadline);
    const processGroups = async () => {
      for await (const group of groups) report(await this.processGroup(group, deadline));
    };
    await Promise.all(Array.from({ length: CONCURRENT_GROUPS }, processGroups));
  }

  private async processGroup({ messages, unparsed }: MessageGroup, deadline: Deadline): Promise<GroupOutcome> {
    if (deadline.hasPassed()) return { ...NOTHING, timedOut: [...messages.map(({ record }) => record), ...unparsed] };
    const items = messages.flatMap(({ item }) => item ?? []);
    const withoutItem = messages.flatMap((message) => (message.error ? { message, error: message.error } : []));

    // Concurrently, so that a slow table does not delay dead letters.
    const [{ errorByItem, folded, unacknowledged }, early] = await Promise.all([
      this.store.store(items, deadline.withReserve()),
      this.refuse(withoutItem, deadline),
    ]);
    const stored: ParsedMessage[] = [];
    const notStored: FailedMessage[] = [];
    for (const message of messages) {
      if (!message.item) continue;
      const error = errorByItem.get(message.item);
      if (error) notStored.push({ message, error });
      else stored.push(message);
    }
    const late = await this.refuse(notStored, deadline);
    return {
      stored,
      folded,
      refused: [...early.refused, ...late.refused],
      retried: [...early.retried, ...late.retried],
      timedOut: unparsed,
      unacknowledged,
    };
  }

  /** Dead-letters messages that can never be stored. All others, and those that the queue does not accept, are retried. */
  private async refuse(
    failures: readonly FailedMessage[],
    deadline: Deadline,
  ): Promise<Pick<GroupOutcome, "refused" | "retried">> {
    if (failures.length === 0) return NOTHING;
    const refusedByFailure = new Map<FailedMessage, RefusedMessage>();
    for (const failure of failures) {
      const { message, error } = failure;
      if (!(error instanceof RefusedMessageError)) continue;
      refusedByFailure.set(failure, { record: message.record, error, snsMessageId: message.envelope?.messageId });
    }
    const errorByRefused = await this.deadLetterQueue.send([...refusedByFailure.values()], deadline);

    const refused: FailedMessage[] = [];
    const retried: FailedMessage[] = [];
    for (const failure of failures) {
      const message = refusedByFailure.get(failure);
      const error = message && errorByRefused.get(message);
      if (message && !error) refused.push(failure);
      else retried.push(error ? { ...failure, error } : failure);
    }
    return { refused, retried };
  }
}
