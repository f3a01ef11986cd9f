import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type SendBatchResponse, sendInBatches } from "@event-pipeline/event-model/batching";
import { type DeadLetterEntry, entryBytes, LeftOut, type RefusedMessage, toEntry } from "./dead-letter-entry";
import type { Deadline } from "./deadline";
import { NotDeadLetteredError } from "./errors";

/** SendMessageBatch accepts 10 entries and 1 MiB, bodies and attributes together. */
const REQUEST_LIMITS = { maxCount: 10, maxBytes: 1_024 * 1_024 };

/** A dead letter that is ready to be sent. */
interface Packed {
  readonly message: RefusedMessage;
  readonly leftOut: LeftOut;
  readonly entry: DeadLetterEntry;
  readonly bytes: number;
}

/** Sends refused messages, with the reason, to the dead-letter queue. */
export class DeadLetterQueue {
  constructor(
    private readonly queueUrl: string,
    private readonly client: SQSClient,
  ) {}

  /** Sends the messages. Returns the error of each message that SQS did not accept. */
  async send(
    messages: readonly RefusedMessage[],
    deadline: Deadline,
  ): Promise<Map<RefusedMessage, NotDeadLetteredError>> {
    const errorByMessage = new Map<RefusedMessage, NotDeadLetteredError>();
    let pending = messages.map((message) => pack(message, LeftOut.Nothing));
    while (pending.length > 0) {
      const { refused, unsent } = await sendInBatches(pending, {
        limits: REQUEST_LIMITS,
        bytesOf: ({ bytes }) => bytes,
        isRefusal,
        // The SDK's client retries. If that fails too, SQS delivers the original message again.
        waitToRetry: async () => false,
        send: (batch) => this.sendBatch(batch, deadline.signal()),
      });
      for (const [{ message }, { error }] of unsent) errorByMessage.set(message, notSent(message, error));
      pending = [];
      for (const [{ message, leftOut }, error] of refused) {
        if (leftOut < LeftOut.Originals) pending.push(pack(message, leftOut + 1));
        else errorByMessage.set(message, notSent(message, error));
      }
    }
    return errorByMessage;
  }

  private async sendBatch(batch: readonly Packed[], abortSignal: AbortSignal): Promise<SendBatchResponse<Packed>> {
    const Entries = batch.map(({ entry }, index) => ({ Id: String(index), ...entry }));
    const command = new SendMessageBatchCommand({ QueueUrl: this.queueUrl, Entries });
    const { Successful = [], Failed = [] } = await this.client.send(command, { abortSignal });
    const accepted = new Set(Successful.map(({ Id }) => Id));
    const refused = new Map<Packed, Error>();
    const unsent = new Map<Packed, Error>();
    for (const [index, packed] of batch.entries()) {
      if (accepted.has(String(index))) continue;
      const { Code = "no answer", Message = "", SenderFault } = Failed.find(({ Id }) => Id === String(index)) ?? {};
      (SenderFault ? refused : unsent).set(packed, new Error(`${Code} ${Message}`));
    }
    return { refused, unsent };
  }
}

/** Returns the dead letter without the parts in `leftOut`, and without more parts if it would exceed the size limit. */
function pack(message: RefusedMessage, leftOut: LeftOut): Packed {
  const entry = toEntry(message, leftOut);
  const bytes = entryBytes(entry);
  if (bytes <= REQUEST_LIMITS.maxBytes || leftOut === LeftOut.Originals) return { message, leftOut, entry, bytes };
  return pack(message, leftOut + 1);
}

/** Returns whether SQS refused a request because of an entry in it. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /BatchRequestTooLong|Invalid(MessageContents|ParameterValue)/.test(error.name);
}

function notSent({ error }: RefusedMessage, cause: unknown): NotDeadLetteredError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new NotDeadLetteredError(
    `SQS did not take the dead letter: ${reason}. The message was refused with ${error.code}: ${error.message}`,
    { cause },
  );
}
