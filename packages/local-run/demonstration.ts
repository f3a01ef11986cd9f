import { type AttributeValue, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import type { LocalPipeline } from "./local-pipeline";

const EVENTS = [
  { type: "finding.new", severity: "high", title: "Test Finding" },
  { specversion: "1.0", id: "scan-1", source: "/agents/7", type: "scan.started", data: { target: "example.com" } },
  { id: "scan-1-done", type: "scan.finished", timestamp: "2026-01-02T03:04:05Z", findings: 1 },
].map((event) => JSON.stringify(event));

const POISON = '{"type": "finding.new", "severity": "high", "title": "Cut off he';

const TIMEOUT_MS = 30_000;

/**
 * Publishes three events and one poison message, and checks that each arrives.
 * It checks the event processor only; other subscribers do not affect the result.
 */
export class Demonstration {
  private readonly hopsById = new Map<string, Hop[]>();
  private check: () => void = () => undefined;
  private ended = false;

  /** Records a hop of the run, until the demonstration has ended. */
  observe(hop: Hop): void {
    if (this.ended) return;
    const hops = this.hopsById.get(hop.messageId) ?? [];
    this.hopsById.set(hop.messageId, [...hops, hop]);
    this.check();
  }

  /** Runs until every event has arrived or failed, for at most 30 seconds, and returns the problems. */
  async run({ clients, outputs }: LocalPipeline): Promise<string[]> {
    const publish = async (Message: string) => {
      const { MessageId } = await clients.sns.send(
        new PublishCommand({ TopicArn: String(outputs.topic_arn), Message }),
      );
      return String(MessageId);
    };
    const good: string[] = [];
    for (const event of EVENTS) good.push(await publish(event));
    const poison = await publish(POISON);

    const consumer: Consumer = {
      functionName: String(outputs.function_name),
      queueName: nameInUrl(outputs.queue_url),
      deadLetterQueueName: nameInUrl(outputs.dlq_url),
    };
    const checks = () =>
      [...good, poison].map((id) => new DeliveryCheck(id, this.hopsById.get(id) ?? [], consumer, id === poison));
    await this.settled(() => checks().every(({ hasEnded }) => hasEnded));
    const problems = checks().flatMap((check) => check.problems);
    for (const { messageId, keys } of checks()) {
      if (keys.length === 0) continue; // Not stored: the poison message, or a problem above.
      const items = await Promise.all(keys.map((key) => itemAt(key, clients.dynamodb, String(outputs.table_name))));
      if (!items.some((item) => item?.message_id?.S === messageId)) {
        problems.push(`message ${messageId} has no item in the table`);
      }
    }
    this.ended = true;
    this.hopsById.clear();
    return problems;
  }

  private async settled(done: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      // Unreferenced: it must not keep a stopped run alive.
      const timer = setTimeout(resolve, TIMEOUT_MS).unref();
      this.check = () => {
        if (!done()) return;
        clearTimeout(timer);
        resolve();
      };
      this.check();
    });
    this.check = () => undefined;
  }
}

/** The names of the event processor and its queues. */
interface Consumer {
  readonly functionName: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
}

/** Compares the hops of one event with the expected ones. */
class DeliveryCheck {
  private readonly filtered: readonly Hop[];

  /** @param isPoison - Whether the message belongs in the dead-letter queue. */
  constructor(
    readonly messageId: string,
    private readonly hops: readonly Hop[],
    private readonly consumer: Consumer,
    private readonly isPoison: boolean,
  ) {
    // A subscription delivers to a queue or to the stack's one stream, the archive.
    this.filtered = this.hopsOf("filtered").filter(
      ({ detail }) => !detail.queue || detail.queue === consumer.queueName,
    );
  }

  /** True if no further hop is expected. */
  get hasEnded(): boolean {
    return this.missing().length === 0;
  }

  get problems(): string[] {
    const { messageId, isPoison } = this;
    return [
      ...this.missing().map((kind) => `message ${messageId} was not ${kind}`),
      ...this.filtered.map(
        ({ detail }) =>
          `message ${messageId} was filtered out by ${detail.subscription ?? "a subscription outside the stack"}`,
      ),
      ...(!isPoison && this.isDeadLettered ? [`message ${messageId} was dead-lettered`] : []),
      ...(isPoison && this.hasFailed ? [`the poison message ${messageId} was retried, which cannot succeed`] : []),
    ];
  }

  /** Keys of the items that the event was stored as. */
  get keys(): Record<string, { S: string }>[] {
    return this.hopsOf("stored").map(({ detail }) => ({
      [PARTITION_KEY]: { S: String(detail[PARTITION_KEY]) },
      [SORT_KEY]: { S: String(detail[SORT_KEY]) },
    }));
  }

  private get isDeadLettered(): boolean {
    return this.hopsOf("dead-lettered").length > 0;
  }

  private get hasFailed(): boolean {
    return this.hopsOf("failed").length > 0;
  }

  private missing(): HopKind[] {
    const toQueue = this.filtered.every(({ detail }) => detail.queue === undefined);
    const toArchive = this.filtered.every(({ detail }) => detail.stream === undefined);
    const expected: HopKind[] = [
      "published",
      ...(toQueue ? this.expectedOfConsumer() : []),
      ...(toArchive ? ["archived" as const] : []),
    ];
    return expected.filter((kind) => this.hopsOf(kind).length === 0);
  }

  private expectedOfConsumer(): HopKind[] {
    // After a failure SQS dead-letters the poison message, and it is never processed.
    if (this.isPoison) return ["queued", ...(this.hasFailed ? [] : ["processed" as const]), "dead-lettered"];
    return this.isDeadLettered ? ["queued"] : ["queued", "processed", "stored"];
  }

  /** Returns the hops of a kind, without those of other consumers. */
  private hopsOf(kind: HopKind): Hop[] {
    const { functionName, queueName, deadLetterQueueName } = this.consumer;
    const own: Partial<Record<HopKind, (detail: Hop["detail"]) => boolean>> = {
      queued: ({ queue }) => queue === queueName,
      processed: (detail) => detail.function === functionName,
      failed: (detail) => detail.function === functionName,
      "dead-lettered": ({ queue }) => queue === deadLetterQueueName,
    };
    return this.hops.filter((hop) => hop.kind === kind && (own[kind]?.(hop.detail) ?? true));
  }
}

async function itemAt(Key: Record<string, AttributeValue>, dynamodb: DynamoDBClient, TableName: string) {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item;
}

function nameInUrl(url: unknown): string {
  return String(url).slice(String(url).lastIndexOf("/") + 1);
}
