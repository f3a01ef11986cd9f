import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { inGroups } from "../aws/request-groups";
import type { Deadline } from "../deadline";
import { NotDeadLetteredError } from "../errors";
import { type DeadLetter, letterBytes, toBatchEntry } from "./dead-letter";

/** SendMessageBatch takes 10 entries and 1 MiB, bodies and attributes together. */
const REQUEST_LIMITS = { maxCount: 10, maxBytes: 1_024 * 1_024 };

/** The queue that keeps refused messages, with the reason, for people to look at and to redrive. */
export class DeadLetterQueue {
  constructor(
    private readonly queueUrl: string,
    private readonly client: SQSClient,
  ) {}

  /** Sends the letters, and returns why by letter for each that SQS did not take. */
  async send(letters: readonly DeadLetter[], deadline: Deadline): Promise<Map<DeadLetter, NotDeadLetteredError>> {
    const errorByLetter = new Map<DeadLetter, NotDeadLetteredError>();
    await Promise.all(
      inGroups(letters, letterBytes, REQUEST_LIMITS).map((group) => this.sendGroup(group, deadline, errorByLetter)),
    );
    return errorByLetter;
  }

  private async sendGroup(
    group: readonly DeadLetter[],
    deadline: Deadline,
    errorByLetter: Map<DeadLetter, NotDeadLetteredError>,
  ): Promise<void> {
    try {
      const { Successful = [], Failed = [] } = await this.client.send(
        new SendMessageBatchCommand({
          QueueUrl: this.queueUrl,
          Entries: group.map((letter, index) => toBatchEntry(letter, String(index))),
        }),
        { abortSignal: deadline.signal() },
      );
      const taken = new Set(Successful.map(({ Id }) => Id));
      for (const [index, letter] of group.entries()) {
        if (taken.has(String(index))) continue;
        const { Code = "no answer", Message = "" } = Failed.find(({ Id }) => Id === String(index)) ?? {};
        errorByLetter.set(letter, notTaken(letter, `${Code} ${Message}`));
      }
    } catch (cause) {
      const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      for (const letter of group) errorByLetter.set(letter, notTaken(letter, reason, { cause }));
    }
  }
}

function notTaken({ error }: DeadLetter, reason: string, options?: ErrorOptions): NotDeadLetteredError {
  return new NotDeadLetteredError(
    `SQS did not take the dead letter: ${reason}. The message was refused with ${error.code}: ${error.message}`,
    options,
  );
}
