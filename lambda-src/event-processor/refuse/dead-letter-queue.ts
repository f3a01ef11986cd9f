import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { inGroups } from "../aws/request-groups";
import type { Deadline } from "../deadline";
import { NotDeadLetteredError } from "../errors";
import { type DeadLetter, type Entry, entryBytes, LeftOut, toEntry } from "./dead-letter";

/** SendMessageBatch takes 10 entries and 1 MiB, bodies and attributes together. */
const REQUEST_LIMITS = { maxCount: 10, maxBytes: 1_024 * 1_024 };

/** A letter in the form that it is sent in. */
interface Parcel {
  readonly letter: DeadLetter;
  readonly leftOut: LeftOut;
  readonly entry: Entry;
  readonly bytes: number;
}

type ErrorByLetter = Map<DeadLetter, NotDeadLetteredError>;

/** The queue that keeps refused messages, with the reason, for people to look at and to redrive. */
export class DeadLetterQueue {
  constructor(
    private readonly queueUrl: string,
    private readonly client: SQSClient,
  ) {}

  /** Sends the letters, and returns why by letter for each that SQS did not take. */
  async send(letters: readonly DeadLetter[], deadline: Deadline): Promise<ErrorByLetter> {
    const errorByLetter: ErrorByLetter = new Map();
    const parcels = letters.map((letter) => pack(letter));
    await Promise.all(
      inGroups(parcels, ({ bytes }) => bytes, REQUEST_LIMITS).map((group) =>
        this.sendGroup(group, deadline, errorByLetter),
      ),
    );
    return errorByLetter;
  }

  private async sendGroup(group: readonly Parcel[], deadline: Deadline, errorByLetter: ErrorByLetter): Promise<void> {
    const Entries = group.map(({ entry }, index) => ({ Id: String(index), ...entry }));
    try {
      const { Successful = [], Failed = [] } = await this.client.send(
        new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries }),
        { abortSignal: deadline.signal() },
      );
      const taken = new Set(Successful.map(({ Id }) => Id));
      for (const [index, parcel] of group.entries()) {
        if (taken.has(String(index))) continue;
        const { Code = "no answer", Message = "", SenderFault } = Failed.find(({ Id }) => Id === String(index)) ?? {};
        const cause = new Error(`${Code} ${Message}`);
        if (SenderFault) await this.sendSmaller([parcel], cause, deadline, errorByLetter);
        else errorByLetter.set(parcel.letter, notTaken(parcel.letter, cause));
      }
    } catch (cause) {
      if (isRefusal(cause)) return this.sendSmaller(group, cause, deadline, errorByLetter);
      for (const { letter } of group) errorByLetter.set(letter, notTaken(letter, cause));
    }
  }

  /**
   * SQS refuses a whole request for one letter that is too large or has what it
   * does not take: halves it until that one stands alone, and sends it with less.
   */
  private async sendSmaller(
    group: readonly Parcel[],
    refusal: Error,
    deadline: Deadline,
    errorByLetter: ErrorByLetter,
  ): Promise<void> {
    const [parcel] = group;
    if (parcel && group.length === 1) {
      const { letter, leftOut } = parcel;
      if (leftOut < LeftOut.Originals) return this.sendGroup([pack(letter, leftOut + 1)], deadline, errorByLetter);
      errorByLetter.set(letter, notTaken(letter, refusal));
      return;
    }
    const middle = Math.ceil(group.length / 2);
    await Promise.all(
      [group.slice(0, middle), group.slice(middle)].map((half) => this.sendGroup(half, deadline, errorByLetter)),
    );
  }
}

/** With as little left out, but no less than `leftOut`, as fits into a request. */
function pack(letter: DeadLetter, leftOut: LeftOut = LeftOut.Nothing): Parcel {
  const entry = toEntry(letter, leftOut);
  const bytes = entryBytes(entry);
  if (bytes <= REQUEST_LIMITS.maxBytes || leftOut === LeftOut.Originals) return { letter, leftOut, entry, bytes };
  return pack(letter, leftOut + 1);
}

/** That SQS takes no such request, as opposed to none at all or none now. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /BatchRequestTooLong|Invalid(MessageContents|ParameterValue)/.test(error.name);
}

function notTaken({ error }: DeadLetter, cause: unknown): NotDeadLetteredError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new NotDeadLetteredError(
    `SQS did not take the dead letter: ${reason}. The message was refused with ${error.code}: ${error.message}`,
    { cause },
  );
}
