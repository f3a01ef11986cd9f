import { EventEmitter, once } from "node:events";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Hop, HopKind } from "@event-pipeline/event-model/hop";
import { PARTITION_KEY, SORT_KEY } from "@event-pipeline/event-model/item/attributes";
import type { ConsumerNames } from "@event-pipeline/event-model/resource-names";
import type { LocalPipeline } from "./local-pipeline";
import { processorNames } from "./outputs";

const EVENTS = [
  { type: "finding.new", severity: "high", title: "Test Finding" },
  { specversion: "1.0", id: "scan-1", source: "/agents/7", type: "scan.started", data: { target: "example.com" } },
  { id: "scan-1-done", type: "scan.finished", timestamp: "2026-01-02T03:04:05Z", findings: 1 },
].map((event) => JSON.stringify(event));

const POISON = '{"type": "finding.new", "severity": "high", "title": "Cut off he';

const TIMEOUT_MS = 30_000;

/**
 * Publishes three events and one poison message, and checks that each arrives where it should. Other subscribers than the
 * event processor do not affect the result.
 */
export class Demonstration {
  private readonly hopsById = new Map<string, Hop[]>();
  private readonly emitter = new EventEmitter();
  private ended = false;

  /** Records a hop. Ignores hops after the demonstration has ended. */
  observe(hop: Hop): void {
    if (this.ended) return;
    this.hopsById.set(hop.messageId, [...(this.hopsById.get(hop.messageId) ?? []), hop]);
    this.emitter.emit("hop");
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

    const processor = processorNames(outputs);
    const deliveries = () =>
      [...good, poison].map((id) => checkDelivery(id, this.hopsById.get(id) ?? [], processor, id === poison));
    // The signal's timer does not keep the process of a stopped run alive.
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    while (!signal.aborted && deliveries().some(({ missing }) => missing.length > 0)) {
      await once(this.emitter, "hop", { signal }).catch(() => undefined);
    }
    this.ended = true;
    const problems = deliveries().flatMap((delivery) => delivery.problems);
    for (const { messageId, storedAs } of deliveries()) {
      if (storedAs.length === 0) continue; // Not stored: the poison message, or an event in `problems`.
      const gets = storedAs.map((detail) => {
        const Key = {
          [PARTITION_KEY]: { S: String(detail[PARTITION_KEY]) },
          [SORT_KEY]: { S: String(detail[SORT_KEY]) },
        };
        const TableName = String(outputs.table_name);
        return clients.dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      });
      if (!(await Promise.all(gets)).some(({ Item }) => Item?.message_id?.S === messageId)) {
        problems.push(`message ${messageId} has no item in the table`);
      }
    }
    return problems;
  }
}

/**
 * Compares the hops of one message with the expected ones.
 *
 * @param isPoison - Whether the message belongs in the dead-letter queue.
 */
function checkDelivery(messageId: string, hops: readonly Hop[], processor: ConsumerNames, isPoison: boolean) {
  const { functionName, queueName, deadLetterQueueName } = processor;
  const own: Partial<Record<HopKind, (detail: Hop["detail"]) => boolean>> = {
    // A subscription delivers to a queue, or to the archive's stream.
    filtered: ({ queue }) => !queue || queue === queueName,
    queued: ({ queue }) => queue === queueName,
    processed: (detail) => detail.function === functionName,
    failed: (detail) => detail.function === functionName,
    "dead-lettered": ({ queue }) => queue === deadLetterQueueName,
  };
  /** Returns the details of the hops of a kind, without the hops of other consumers. */
  const detailsOf = (kind: HopKind) =>
    hops.filter((hop) => hop.kind === kind && (own[kind]?.(hop.detail) ?? true)).map(({ detail }) => detail);
  const has = (kind: HopKind) => detailsOf(kind).length > 0;
  const filtered = detailsOf("filtered");

  let processing: HopKind[] = has("dead-lettered") ? ["queued"] : ["queued", "processed", "stored"];
  // If the handler fails, SQS dead-letters the poison message, which is never `processed`.
  if (isPoison) processing = ["queued", ...(has("failed") ? [] : ["processed" as const]), "dead-lettered"];
  const expected: HopKind[] = [
    "published",
    ...(filtered.some(({ queue }) => queue) ? [] : processing),
    ...(filtered.some(({ stream }) => stream) ? [] : ["archived" as const]),
  ];
  const missing = expected.filter((kind) => !has(kind));
  const problems = [
    ...missing.map((kind) => `message ${messageId} was not ${kind}`),
    ...filtered.map(
      ({ subscription = "a subscription outside the stack" }) =>
        `message ${messageId} was filtered out by ${subscription}`,
    ),
    ...(!isPoison && has("dead-lettered") ? [`message ${messageId} was dead-lettered`] : []),
    ...(isPoison && has("failed") ? [`the poison message ${messageId} was retried, which cannot succeed`] : []),
  ];
  return { messageId, missing, problems, storedAs: detailsOf("stored") };
}
