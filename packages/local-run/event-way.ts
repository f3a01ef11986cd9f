import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";

/** The consumer whose work is judged; others may do as they like. */
export interface JudgedConsumer {
  readonly functionName: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
}

/** What the hops of one event say about where it came to. */
export class EventWay {
  private readonly filtered: readonly Hop[];

  /** @param isPoison - Whether the dead-letter queue is where it belongs. */
  constructor(
    readonly messageId: string,
    private readonly hops: readonly Hop[],
    private readonly consumer: JudgedConsumer,
    private readonly isPoison: boolean,
  ) {
    // A subscription delivers to a queue or to a stream, and there is one stream: the archive.
    this.filtered = this.at("filtered").filter(({ detail }) => !detail.queue || detail.queue === consumer.queueName);
  }

  /** Whether nothing more is to come, be it good or bad. */
  get hasEnded(): boolean {
    return this.missing().length === 0;
  }

  /** Sentences; none when all is as it should be. */
  get problems(): string[] {
    const { messageId, isPoison } = this;
    return [
      ...this.missing().map((stage) => `message ${messageId} was not ${stage}`),
      ...this.filtered.map(
        ({ detail }) =>
          `message ${messageId} was filtered out by ${detail.subscription ?? "a subscription that is not the stack's"}`,
      ),
      ...(!isPoison && this.isDeadLettered ? [`message ${messageId} was dead-lettered`] : []),
      ...(isPoison && this.hasFailed ? [`the poison ${messageId} was tried again, which cannot help`] : []),
    ];
  }

  /** Keys of the items that it was seen to be stored as. */
  get keys(): Record<string, { S: string }>[] {
    return this.at("stored").map(({ detail }) => ({
      [PARTITION_KEY]: { S: String(detail[PARTITION_KEY]) },
      [SORT_KEY]: { S: String(detail[SORT_KEY]) },
    }));
  }

  private get isDeadLettered(): boolean {
    return this.at("dead-lettered").length > 0;
  }

  private get hasFailed(): boolean {
    return this.at("failed").length > 0;
  }

  /** Stages that are still to come. */
  private missing(): HopKind[] {
    const toQueue = this.filtered.every(({ detail }) => detail.queue === undefined);
    const toArchive = this.filtered.every(({ detail }) => detail.stream === undefined);
    const expected: HopKind[] = [
      "published",
      ...(toQueue ? this.expectedOfConsumer() : []),
      ...(toArchive ? ["archived" as const] : []),
    ];
    return expected.filter((stage) => this.at(stage).length === 0);
  }

  private expectedOfConsumer(): HopKind[] {
    // After a failure it is SQS that moves the poison, in the end; no success comes before that.
    if (this.isPoison) return ["queued", ...(this.hasFailed ? [] : ["processed" as const]), "dead-lettered"];
    return this.isDeadLettered ? ["queued"] : ["queued", "processed", "stored"];
  }

  private at(kind: HopKind): Hop[] {
    return this.hops.filter((hop) => hop.kind === kind && this.isJudged(hop));
  }

  /** Whether a hop is the judged consumer's, or nobody's. */
  private isJudged({ kind, detail }: Hop): boolean {
    const { functionName, queueName, deadLetterQueueName } = this.consumer;
    switch (kind) {
      case "queued":
        return detail.queue === queueName;
      case "processed":
      case "failed":
        return detail.function === functionName;
      case "dead-lettered":
        return detail.queue === deadLetterQueueName;
      default:
        return true;
    }
  }
}
