import { type AttributeValue, type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Hop } from "@event-pipeline/event-model/hop";
import { EventWay, type JudgedConsumer } from "./event-way";
import type { LocalPipeline } from "./local-pipeline";

const GOOD_EVENTS = [
  { type: "finding.new", severity: "high", title: "Test Finding" },
  { specversion: "1.0", id: "scan-1", source: "/agents/7", type: "scan.started", data: { target: "example.com" } },
  { id: "scan-1-done", type: "scan.finished", timestamp: "2026-01-02T03:04:05Z", findings: 1 },
].map((event) => JSON.stringify(event));

const POISON = '{"type": "finding.new", "severity": "high", "title": "Cut off he';

const DEADLINE_MS = 30_000;

/**
 * Publishes three events and one poison message, and follows each to its end.
 * It judges the event processor's way alone: what other subscribers make of
 * the events is theirs.
 */
export class Demonstration {
  private readonly hopsById = new Map<string, Hop[]>();
  private check: () => void = () => undefined;
  private ended = false;

  /** To be called for every hop of the run; it remembers those until the demonstration ends. */
  observe(hop: Hop): void {
    if (this.ended) return;
    const hops = this.hopsById.get(hop.messageId) ?? [];
    this.hopsById.set(hop.messageId, [...hops, hop]);
    this.check();
  }

  /** Runs to the end of the last event, or for half a minute, and says what did not arrive. */
  async run({ clients, outputs }: LocalPipeline): Promise<string[]> {
    const publish = async (Message: string) => {
      const { MessageId } = await clients.sns.send(
        new PublishCommand({ TopicArn: String(outputs.topic_arn), Message }),
      );
      return String(MessageId);
    };
    const good: string[] = [];
    for (const event of GOOD_EVENTS) good.push(await publish(event));
    const poison = await publish(POISON);

    const consumer: JudgedConsumer = {
      functionName: String(outputs.function_name),
      queueName: nameInUrl(outputs.queue_url),
      deadLetterQueueName: nameInUrl(outputs.dlq_url),
    };
    const ways = () =>
      [...good, poison].map((id) => new EventWay(id, this.hopsById.get(id) ?? [], consumer, id === poison));
    await this.settled(() => ways().every(({ hasEnded }) => hasEnded));
    const problems = ways().flatMap((way) => way.problems);
    for (const { messageId, keys } of ways()) {
      if (keys.length === 0) continue; // Told above, or the poison: it was not stored.
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
      // Must not keep a run alive that was stopped meanwhile.
      const timer = setTimeout(resolve, DEADLINE_MS).unref();
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

async function itemAt(Key: Record<string, AttributeValue>, dynamodb: DynamoDBClient, TableName: string) {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item;
}

function nameInUrl(url: unknown): string {
  return String(url).slice(String(url).lastIndexOf("/") + 1);
}
