import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Hop, Stage } from "./hops/hop";
import type { LocalPipeline } from "./local-pipeline";

const GOOD_EVENTS = [
  { type: "finding.new", severity: "high", title: "Test Finding" },
  { specversion: "1.0", id: "scan-1", source: "/agents/7", type: "scan.started", data: { target: "example.com" } },
  { id: "scan-1-done", type: "scan.finished", timestamp: "2026-01-02T03:04:05Z", findings: 1 },
].map((event) => JSON.stringify(event));

const POISON = '{"type": "finding.new", "severity": "high", "title": "Cut off he';

const DEADLINE_MS = 30_000;

/** Publishes three events and one poison message, and follows each to its end. */
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

    await this.settled(() => this.problems(good, poison).length === 0);
    const problems = this.problems(good, poison);
    for (const id of good) {
      const { event_type, timestamp_id } = this.hopsById.get(id)?.find(({ stage }) => stage === "stored")?.detail ?? {};
      if (event_type === undefined || timestamp_id === undefined) continue; // Told above: it was not stored.
      const Key = { event_type: { S: String(event_type) }, timestamp_id: { S: String(timestamp_id) } };
      const TableName = String(outputs.table_name);
      const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      if (Item?.message_id?.S !== id) problems.push(`message ${id} has no item in the table`);
    }
    this.ended = true;
    this.hopsById.clear();
    return problems;
  }

  private problems(good: readonly string[], poison: string): string[] {
    const missing = (id: string, stages: readonly Stage[]) =>
      stages.filter((stage) => this.count(id, stage) === 0).map((stage) => `message ${id} was not ${stage}`);
    return [
      ...good.flatMap((id) => missing(id, ["published", "queued", "processed", "stored", "archived"])),
      ...good.filter((id) => this.count(id, "dead-lettered") > 0).map((id) => `message ${id} was dead-lettered`),
      ...missing(poison, ["processed", "dead-lettered", "archived"]),
      ...(this.count(poison, "failed") > 0 ? [`the poison ${poison} was tried again, which cannot help`] : []),
    ];
  }

  private count(messageId: string, stage: Stage): number {
    return (this.hopsById.get(messageId) ?? []).filter((hop) => hop.stage === stage).length;
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
