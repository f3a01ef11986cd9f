import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import pMap from "p-map";
import { retryOnThrottle } from "../retry-on-throttle";
import { type QueueCounts, queueCounts } from "../sqs/queue-counts";

/** Of a batch of SQS. */
const BATCH = 10;
/** Requests at once. */
const LANES = 4;
/** Seconds that messages are hidden from others: at least these, and more where so many are looked at that it takes longer. */
const HOLD_SECONDS = 30;
const MESSAGES_PER_SECOND = 200;
/** SQS lets 120,000 messages of a queue be in flight; the rest is for others. */
const MAX_HELD = 100_000;
/** Polls without a message after which a queue is taken for empty that should have more, and seconds that each waits. */
const EMPTY_POLLS = 3;
const POLL_SECONDS = 1;

/** A message that is held: nobody else receives it. */
interface Held {
  receipt: string;
  /** By `performance.now()`. */
  until: number;
}

/**
 * Messages of a queue, held while they are looked at. SQS has no other way to
 * look: receiving hides a message, and counts as a receive of it. What is held
 * is prolonged while that takes, and given back at the end; should the process
 * die, SQS gives it back by itself after `seconds`.
 */
export class Hold {
  private readonly heldById = new Map<string, Held>();
  private readonly prolonging: NodeJS.Timeout;
  private seenCount = 0;
  private isWhole = false;

  private constructor(
    private readonly sqs: SQSClient,
    private readonly queueUrl: string,
    /** Of the queue, before it was looked at. */
    readonly counts: QueueCounts,
    /** For which a message is hidden at a time. */
    readonly seconds: number,
  ) {
    // What cannot be prolonged comes to light where it is to be deleted.
    const prolong = () => void this.prolong(this.expiring()).catch(() => undefined);
    this.prolonging = setInterval(prolong, (seconds * 1_000) / 4);
    this.prolonging.unref();
  }

  /** @param seconds - For which a message is hidden at a time. @default - 30, and more for many messages */
  static async begin(sqs: SQSClient, queueUrl: string, seconds?: number): Promise<Hold> {
    const counts = await queueCounts(sqs, queueUrl);
    const enough = HOLD_SECONDS + Math.ceil(counts.visible / MESSAGES_PER_SECOND);
    return new Hold(sqs, queueUrl, counts, seconds ?? enough);
  }

  /** Different messages that were received. */
  get seen(): number {
    return this.seenCount;
  }

  /** Whether the queue had no more to give, rather than that looking ended. */
  get whole(): boolean {
    return this.isWhole;
  }

  /**
   * Every message of the queue, some at a time; each is held until it is
   * deleted or given back. Ends when the queue has no more, when as many are
   * held as may be, or at the signal.
   */
  async *messages(signal?: AbortSignal): AsyncGenerator<Message[], void, void> {
    for (let empty = 0; !signal?.aborted && this.heldById.size < MAX_HELD; ) {
      const isExpected = this.seenCount < this.counts.visible;
      const received = await Promise.all(Array.from({ length: LANES }, () => this.receive(isExpected)));
      const fresh = received.flat();
      if (fresh.length > 0) {
        empty = 0;
        yield fresh;
      } else {
        empty += 1;
        if (!isExpected || empty === EMPTY_POLLS) {
          this.isWhole = true;
          return;
        }
      }
    }
  }

  /** Makes sure that nobody else receives them for a while yet, and returns those of which that is so. */
  async keep(messages: readonly Message[]): Promise<Message[]> {
    const soon = new Set(this.expiring());
    await this.prolong(messages.map(idOf).filter((id) => soon.has(id)));
    return messages.filter((message) => this.heldById.has(idOf(message)));
  }

  /** Deletes them from the queue, and returns those that it could not. */
  async delete(messages: readonly Message[]): Promise<Message[]> {
    const gone = new Set(
      await this.inBatches(messages.map(idOf), async (Entries) => {
        const command = new DeleteMessageBatchCommand({ QueueUrl: this.queueUrl, Entries });
        return (await this.sqs.send(command)).Successful ?? [];
      }),
    );
    for (const id of gone) this.heldById.delete(id);
    return messages.filter((message) => !gone.has(idOf(message)));
  }

  /** Gives back what is held, and returns how many could not be: those come back by themselves. */
  async end(): Promise<number> {
    clearInterval(this.prolonging);
    const ids = [...this.heldById.keys()];
    const given = await this.changeVisibility(ids, 0).catch(() => []);
    this.heldById.clear();
    return ids.length - given.length;
  }

  /** Never aborted on the way: who hangs up a poll may have been given messages that nobody then holds. */
  private async receive(isExpected: boolean): Promise<Message[]> {
    const until = performance.now() + this.seconds * 1_000;
    const command = new ReceiveMessageCommand({
      QueueUrl: this.queueUrl,
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: this.seconds,
      WaitTimeSeconds: isExpected ? POLL_SECONDS : 0,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    const { Messages } = await retryOnThrottle(() => this.sqs.send(command)).catch((error: Error) => {
      // As many are in flight as may be.
      if (error.name === "OverLimit") return { Messages: [] };
      throw error;
    });
    return (Messages ?? []).filter((message) => {
      const isNew = !this.heldById.has(idOf(message));
      this.heldById.set(idOf(message), { receipt: String(message.ReceiptHandle), until });
      if (isNew) this.seenCount += 1;
      return isNew;
    });
  }

  /** Ids of messages that are held for less than half of the time yet. */
  private expiring(): string[] {
    const soon = performance.now() + this.seconds * 500;
    return [...this.heldById].filter(([, { until }]) => until < soon).map(([id]) => id);
  }

  /** Those that cannot be prolonged are no longer held: somebody else may have them. */
  private async prolong(ids: readonly string[]): Promise<void> {
    const until = performance.now() + this.seconds * 1_000;
    const prolonged = new Set(await this.changeVisibility(ids, this.seconds));
    for (const id of ids) {
      const held = this.heldById.get(id);
      if (held && prolonged.has(id)) held.until = until;
      else if (held && held.until < performance.now() + 1_000) this.heldById.delete(id);
    }
  }

  private changeVisibility(ids: readonly string[], seconds: number): Promise<string[]> {
    return this.inBatches(ids, async (entries) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: seconds }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.queueUrl, Entries });
      return (await this.sqs.send(command)).Successful ?? [];
    });
  }

  /** Asks for them in batches, some at once and again where SQS throttles, and returns the ids that it says yes to. */
  private async inBatches(
    ids: readonly string[],
    ask: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<{ Id?: string | undefined }[]>,
  ): Promise<string[]> {
    const batches: string[][] = [];
    const held = ids.filter((id) => this.heldById.has(id));
    for (let start = 0; start < held.length; start += BATCH) batches.push(held.slice(start, start + BATCH));
    const answers = await pMap(
      batches,
      async (batch) => {
        const entries = batch.map((id, index) => ({
          Id: String(index),
          ReceiptHandle: this.heldById.get(id)?.receipt ?? "",
        }));
        const done = await retryOnThrottle(() => ask(entries));
        return done.map(({ Id }) => batch[Number(Id)] as string);
      },
      { concurrency: LANES },
    );
    return answers.flat();
  }
}

export function idOf({ MessageId }: Message): string {
  return String(MessageId);
}
