// Sends 10,000 generated messages through the local pipeline and checks the outcome of each.
import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { itemOf } from "@event-pipeline/testing/items";
import { textOf, writtenObject } from "@event-pipeline/testing/json-texts";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { canonicalOfJson, canonicalOfWire } from "@event-pipeline/testing/stored-json";
import fc from "fast-check";

type Item = Record<string, AttributeValue>;

const COUNT = 10_000;
const PUBLISHERS = 4;

const message = fc.oneof(
  { weight: 12, arbitrary: writtenObject.map((value) => textOf(value)) },
  // Few IDs and times, so that many events are duplicates.
  {
    weight: 4,
    arbitrary: fc
      .record({ type: fc.constantFrom("a", "b"), id: fc.nat(200), time: fc.constant("2026-01-01T00:00:00Z") })
      .map((event) => JSON.stringify(event)),
  },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1 }) },
);

async function publishAll(run: LocalRun, messages: readonly string[]): Promise<Map<string, string>> {
  const messageById = new Map<string, string>();
  const batches = Array.from({ length: messages.length / 10 }, (_, index) =>
    messages.slice(index * 10, index * 10 + 10),
  );
  const publish = async (batch: readonly string[]) => {
    const { Successful = [] } = await run.clients.sns.send(
      new PublishBatchCommand({
        TopicArn: run.output("topic_arn"),
        PublishBatchRequestEntries: batch.map((Message, index) => ({ Id: String(index), Message })),
      }),
    );
    for (const { Id, MessageId } of Successful) messageById.set(String(MessageId), String(batch[Number(Id)]));
  };
  const publishNext = async () => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) await publish(batch);
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publishNext));
  return messageById;
}

async function itemsByKey(run: LocalRun): Promise<Map<string, Item>> {
  const byKey = new Map<string, Item>();
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await run.clients.dynamodb.send(
      new ScanCommand({ TableName: run.output("table_name"), ConsistentRead: true, ExclusiveStartKey }),
    );
    for (const item of page.Items ?? [])
      byKey.set(keyOf(String(item.event_type?.S), String(item.timestamp_id?.S)), item);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return byKey;
}

async function refusedIds(run: LocalRun, atMost: number): Promise<Set<string>> {
  const QueueUrl = run.output("dlq_url");
  const ids = new Set<string>();
  for (let round = 0; round <= atMost; round++) {
    const { Messages = [] } = await run.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    if (Messages.length === 0) return ids;
    for (const { MessageAttributes: attributes } of Messages) {
      expect(attributes?.error_code?.StringValue).toMatch(/^[A-Z_]+$/);
      ids.add(String(attributes?.sns_message_id?.StringValue));
    }
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await run.clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  throw new Error("The dead-letter queue has more messages than were published.");
}

function keyOf(eventType: string, timestampId: string): string {
  return JSON.stringify([eventType, timestampId]);
}

test("stores, folds or refuses every message, and alters none", async () => {
  const seed = Date.now();
  const messages = fc.sample(message, { numRuns: COUNT, seed });
  const run = await LocalRun.start("--archive-interval", "0");
  const messageById = await publishAll(run, messages);
  expect(messageById.size).toBe(COUNT);
  // Each check reads the new lines only, because there are more than 40,000.
  const processed = new Set<unknown>();
  let checked = 0;
  const areProcessed = () => {
    for (; checked < run.lines.length; checked++) {
      const line = run.lines[checked];
      if (line?.stage === "processed") processed.add(line.messageId);
    }
    return processed.size === COUNT;
  };
  await run.until(areProcessed, 180_000);

  const items = await itemsByKey(run);
  const refused = await refusedIds(run, COUNT);
  const itemByMessageId = new Map([...items.values()].map((item) => [item.message_id?.S, item]));
  const counts = { stored: 0, folded: 0, refused: 0 };
  const unexplained: string[] = [];
  for (const [messageId, text] of messageById) {
    if (refused.has(messageId)) {
      counts.refused++;
      continue;
    }
    const own = itemByMessageId.get(messageId);
    if (own) {
      const data = own.data_encoding ? canonicalOfJson(String(own.data?.S)) : canonicalOfWire({ ...own.data });
      expect(data).toEqual(canonicalOfJson(text));
      counts.stored++;
      continue;
    }
    const { event_type, timestamp_id } = itemOf({ messageId, message: text, timestamp: new Date(0) });
    const standIn = items.get(keyOf(event_type, timestamp_id));
    if (standIn) {
      expect(canonicalOfWire({ ...standIn.data })).toEqual(canonicalOfJson(text));
      counts.folded++;
    } else unexplained.push(`${messageId}: ${text}`);
  }
  process.stdout.write(`fuzz (seed ${seed}): published ${COUNT} = ${JSON.stringify(counts)}\n`);
  expect(unexplained).toEqual([]);
  expect(counts.stored).toBe(items.size);
  expect(counts.stored + counts.folded + counts.refused).toBe(COUNT);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(100);
  expect(await run.stop()).toBe(0);
}, 240_000);
