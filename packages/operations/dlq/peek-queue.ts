import { CredentialsError, OperationError } from "../errors";
import { areCredentialsRefused } from "../reading";
import { isArgument } from "../shell-word";
import type { SqsQueue } from "../sqs/queue-counts";
import { type DeadLetterFilter, type DeadLetterMessage, matchesFilter, NO_CODE } from "./dead-letter-message";
import { type LeaseReport, type ReceiveOptions, VisibilityLease } from "./visibility-lease";

export interface PeekOptions extends ReceiveOptions {
  /** @default - every message */
  readonly filter?: DeadLetterFilter;
  /** Receives each matching message. The peek awaits the result, and ends if the result is `"stop"`. */
  readonly onMessage: (message: DeadLetterMessage) => unknown;
}

export interface PeekResult extends LeaseReport {
  readonly matched: number;
}

/**
 * Receives the messages of a queue, and makes all of them visible again. SQS cannot
 * show a message without a receive, so each peek adds one to every receive count.
 *
 * @throws the error of the first request, and errors from `onMessage`. Later errors from AWS are in `stoppedBy`.
 * @example
 * await peekQueue(await resolveDeadLetterQueue(pipeline), { onMessage: ({ code }) => void codes.push(code) });
 */
export async function peekQueue(
  queue: SqsQueue,
  { filter = {}, onMessage, ...options }: PeekOptions,
): Promise<PeekResult> {
  const lease = await VisibilityLease.open(queue, undefined, undefined, options.signal);
  const shownIds = new Set<string>();
  let matched = 0;
  try {
    peeking: for await (const messages of lease.messages(options)) {
      for (const message of messages) {
        // A message whose lease ended early may be received again.
        if (shownIds.has(message.sqsMessageId)) continue;
        shownIds.add(message.sqsMessageId);
        if (!matchesFilter(message, filter)) continue;
        matched += 1;
        if ((await onMessage(message)) === "stop") break peeking;
      }
    }
  } finally {
    await lease.release();
  }
  return { ...lease.report(), matched };
}

/**
 * Returns what a peek did not see, or did not make visible again; undefined if there is nothing.
 *
 * @param isEnough - True if the caller needs no more messages. @default false
 */
export function peekProblem(
  queueName: string,
  { stoppedBy, releaseError, stillLeased, leaseSeconds, complete, notSeen }: PeekResult,
  isEnough = false,
): OperationError | undefined {
  const sentences: string[] = [];
  if (stoppedBy) sentences.push(stoppedBy.message);
  else if (!complete && !isEnough) {
    sentences.push(
      `About ${notSeen} messages of ${queueName} were not seen. Another consumer holds them, or they are delayed.`,
    );
  }
  if (stillLeased > 0) {
    sentences.push(
      `SQS did not confirm ChangeMessageVisibilityBatch for ${stillLeased} messages of ${queueName}, which become visible again within ${leaseSeconds} s.`,
    );
    if (releaseError) sentences.push(releaseError.message);
  }
  const cause = stoppedBy ?? releaseError;
  if (sentences.length === 0) return undefined;
  return new (areCredentialsRefused(cause) ? CredentialsError : OperationError)(sentences.join(" "), { cause });
}

/** A group of messages with the same refusal code or event type. */
export interface DeadLetterGroup {
  /** The group's code or type; undefined for messages without a code or type. */
  readonly name: string | undefined;
  readonly count: number;
  readonly oldest: Date;
  readonly newest: Date;
  /** The newest message's reason. */
  readonly reason: string | undefined;
  /** The newest message's MessageId from SNS, or from SQS if the former is unknown. */
  readonly exampleId: string;
  /** Matches exactly the group's messages; undefined if no filter that a command can contain does. */
  readonly filter: DeadLetterFilter | undefined;
}

/** Groups messages by refusal code or by event type. */
export class DeadLetterGroups {
  private readonly groupByName = new Map<string | undefined, DeadLetterGroup>();

  constructor(private readonly by: "code" | "type") {}

  add(message: DeadLetterMessage): void {
    const { sentAt, reason, snsMessageId, sqsMessageId } = message;
    // The filter does not distinguish the code `none` from no code.
    const name = message.code === NO_CODE && this.by === "code" ? undefined : message[this.by];
    const value = name ?? (this.by === "code" ? NO_CODE : undefined);
    const filter = value !== undefined && isArgument(value) ? { [this.by]: value } : undefined;
    const group = this.groupByName.get(name);
    const example = { newest: sentAt, reason, exampleId: snsMessageId ?? sqsMessageId };
    this.groupByName.set(name, {
      ...(group && sentAt < group.newest ? group : example),
      name,
      filter,
      count: (group?.count ?? 0) + 1,
      oldest: group && group.oldest < sentAt ? group.oldest : sentAt,
    });
  }

  /** The groups, largest first. */
  get groups(): DeadLetterGroup[] {
    return [...this.groupByName.values()].sort((one, other) => other.count - one.count);
  }
}
