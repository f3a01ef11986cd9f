// Tests the rows of docs/events.md end to end, from the topic to the table or the dead-letter queue.
import { ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { DECISIONS, documentedDecisions, expectStoredData } from "@event-pipeline/testing/decisions";
import type { WireItem } from "@event-pipeline/testing/fake-aws";
import { LocalRun } from "@event-pipeline/testing/local-run";

/** SNS's limit in bytes. The test sends larger messages directly to the queue, which accepts 1 MiB. */
const MAX_SNS_BYTES = 256 * 1_024;

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
});
afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function publish(Message: string): Promise<string> {
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message });
  return String((await run.clients.sns.send(command)).MessageId);
}

it("covers every row of docs/events.md", () => {
  expect(Object.keys(DECISIONS)).toEqual(documentedDecisions());
});

async function sendPastSns(Message: string): Promise<string> {
  const MessageId = `past-sns-${Message.length}`;
  const MessageBody = JSON.stringify({ MessageId, Message, Timestamp: new Date().toISOString() });
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody }));
  return MessageId;
}

async function itemsOf(attribute: string, value: string): Promise<WireItem[]> {
  const found: WireItem[] = [];
  let ExclusiveStartKey: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const page: ScanCommandOutput = await run.clients.dynamodb.send(
      new ScanCommand({ TableName: run.output("table_name"), ConsistentRead: true, ExclusiveStartKey }),
    );
    found.push(...((page.Items ?? []) as unknown as WireItem[]));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found.filter((item) => item[attribute]?.S === value);
}

/** Receives the dead letters and returns the attributes of those with this value. A message may be refused twice. */
async function letters(attribute: string, value: string) {
  const QueueUrl = run.output("dlq_url");
  const { Messages = [] } = await run.clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
  );
  for (const { ReceiptHandle } of Messages)
    await run.clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ MessageAttributes }) => MessageAttributes).filter(
    (attributes) => attributes?.[attribute]?.StringValue === value,
  );
}

it.each(Object.entries(DECISIONS))("%s", async (row, { messages, end }) => {
  if (row === "a body that SNS did not write") {
    const [MessageBody] = messages;
    await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody }));
    await run.until(() => run.hops("dead-lettered").some(({ detail }) => detail.error_code === "NOT_AN_ENVELOPE"));
    expect(await letters("error_code", "NOT_AN_ENVELOPE")).not.toEqual([]);
    return;
  }
  for (const message of messages) {
    const messageId = await (Buffer.byteLength(message) > MAX_SNS_BYTES ? sendPastSns : publish)(message);
    await run.waitForHop(messageId, "processed");
    const [item] = await itemsOf("message_id", messageId);
    if (typeof end === "string") expectStoredData(end, message, item);
    else if ("item" in end) expect(item).toMatchObject(end.item(messageId));
    else if ("refused" in end) {
      const { detail } = await run.waitForHop(messageId, "dead-lettered");
      expect(detail.error_code).toBe(end.refused);
      const [letter] = await letters("sns_message_id", messageId);
      expect(letter).toMatchObject({
        error_code: { StringValue: end.refused },
        error_message: { StringValue: expect.stringMatching(/.{20}/) },
      });
      expect(run.hopsOf(messageId).filter(({ kind }) => kind === "failed")).toEqual([]);
    }
  }
  if (typeof end === "object" && "items" in end) {
    const { type } = JSON.parse(String(messages[0])) as { type: string };
    expect(await itemsOf("event_type", type)).toHaveLength(end.items);
  }
});
