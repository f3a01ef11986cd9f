// docs/events.md at the pipeline's border: published to the topic, found in the table or in the dead-letter queue.
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { parseJson } from "../../lambda-src/event-processor/read/json";
import { documentedDecisions } from "../helpers/decisions";
import { LocalRun } from "../helpers/local-run";
import { canonical, canonicalOfWire } from "../helpers/stored-json";

type Wire = Record<string, Record<string, unknown>>;
/** What becomes of the message: `data` as a map or as text, an attribute of the item, or a refusal. */
type End = "map" | "text" | { readonly item: object } | { readonly refused: string };

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const twice = JSON.stringify({ type: "twice", source: "s", id: "1", time: "2026-01-01T00:00:00Z" });

const CASES: Readonly<Record<string, readonly [message: string, end: End]>> = {
  "a JSON object": ['{"a": [null, true, "x", {"b": 1.50}]}', "map"],
  "numbers that a double cannot hold": [
    '{"a": 9007199254740993, "b": -0.1234567890123456789012345678901234567}',
    "map",
  ],
  "a negative zero": ['{"a": -0.0}', "map"],
  "keys such as constructor": ['{"constructor": {"toString": "x"}}', "map"],
  "a byte order mark before the object": ['\uFEFF{"a": "b"}', { item: { data: { M: { a: { S: "b" } } } } }],
  "a number of more than 38 digits": [`{"a": ${"9".repeat(39)}}`, "text"],
  "a number beyond 9.99E+125 or below 1E-130": ['{"a": 1e400}', "text"],
  "more than 31 objects and arrays within each other": [nested(32), "text"],
  "a lone surrogate in a string or a key": ['{"a": "\\uD83D"}', "text"],
  "a key `__proto__`": ['{"a": {"__proto__": {"b": 1}}}', "text"],
  "an empty key": ['{"": 1}', "text"],
  "a key of more than 65,535 bytes": [`{"${"k".repeat(65_536)}": 1}`, "text"],
  "an object with a key twice": ['{"a": {"b": 1, "b": 2}}', "text"],
  "a map over 400 KB whose text is not": [`{"a":[${Array(105_000).fill("[]").join(",")}]}`, "text"],
  "an event without a type": ["{}", { item: { event_type: { S: "unknown" } } }],
  "an event without an id": ['{"type": "no-id"}', { item: { event_type: { S: "no-id" } } }],
  "an id that is a number": ['{"id": 12345678901234567890.0}', { item: { event_id: { S: "12345678901234567890.0" } } }],
  "a source and an id": ['{"source": "a|b", "id": "50%"}', { item: { event_id: { S: "a%7Cb|50%25" } } }],
  "a lone surrogate in an id or a source": ['{"id": "x\\uD83D"}', { item: { event_id: { S: "x%uD83D" } } }],
  "an id too long for the sort key": [
    `{"id": "${"x".repeat(1_000)}"}`,
    { item: { event_id: { S: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) } } },
  ],
  "a time that is not RFC 3339": ['{"id": "t", "time": "2026-02-30T00:00:00Z"}', { item: { event_id: { S: "t" } } }],
  "two events of one type, time and identity": [
    twice,
    { item: { timestamp_id: { S: "2026-01-01T00:00:00.000Z#s|1" } } },
  ],
  "a body that SNS did not write": ['{"type": "sent past the topic"}', { refused: "NOT_AN_ENVELOPE" }],
  "a message that is not JSON": ['{"a": NaN}', { refused: "NOT_JSON" }],
  "JSON that is no object": ["[]", { refused: "NOT_AN_OBJECT" }],
  "a type that is no string": ['{"type": null}', { refused: "INVALID_TYPE" }],
  "an empty type": ['{"type": ""}', { refused: "INVALID_TYPE" }],
  "a lone surrogate in the type": ['{"type": "\\uD83D"}', { refused: "INVALID_TYPE" }],
  "a type of more than 2,048 bytes": [`{"type": "${"ä".repeat(1_025)}"}`, { refused: "KEY_TOO_LONG" }],
  "an item over 400 KB": [JSON.stringify({ a: "ä".repeat(204_800) }), { refused: "ITEM_TOO_LARGE" }],
};

/** Over the 256 KiB that SNS takes: such a message comes past it, as the queue takes 1 MiB. */
const TOO_LARGE_FOR_SNS = ["a map over 400 KB whose text is not", "an item over 400 KB"];

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

async function sendPastSns(Message: string): Promise<string> {
  const MessageId = `past-sns-${Message.length}`;
  const MessageBody = JSON.stringify({ MessageId, Message, Timestamp: new Date().toISOString() });
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody }));
  return MessageId;
}

async function itemOf(messageId: string): Promise<Wire> {
  await run.waitForHop(messageId, "processed");
  const TableName = run.output("table_name");
  const { Items = [] } = await run.clients.dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const found = Items.filter(({ message_id }) => message_id?.S === messageId) as unknown as Wire[];
  expect(found).toHaveLength(1);
  return found[0] as Wire;
}

async function refusalOf(body: RegExp) {
  const { Messages = [] } = await run.clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: run.output("dlq_url"),
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
      VisibilityTimeout: 0,
    }),
  );
  return Messages.find(({ Body }) => body.test(String(Body)))?.MessageAttributes ?? {};
}

it("tries what docs/events.md says, row by row", () => {
  expect(Object.keys(CASES)).toEqual(documentedDecisions());
});

it.each(Object.entries(CASES))("%s", async (row, [message, end]) => {
  if (row === "a body that SNS did not write") {
    await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: run.output("queue_url"), MessageBody: message }));
    await run.until(() => run.hops("dead-lettered").some(({ detail }) => detail.error_code === "NOT_AN_ENVELOPE"));
    expect((await refusalOf(/past the topic/)).error_code?.StringValue).toBe("NOT_AN_ENVELOPE");
    return;
  }
  const messageId = await (TOO_LARGE_FOR_SNS.includes(row) ? sendPastSns : publish)(message);
  if (typeof end === "object" && "refused" in end) {
    const { detail } = await run.waitForHop(messageId, "dead-lettered");
    expect(detail.error_code).toBe(end.refused);
    expect(await refusalOf(new RegExp(messageId))).toMatchObject({
      error_code: { StringValue: end.refused },
      error_message: { StringValue: expect.stringMatching(/.{20}/) },
      sns_message_id: { StringValue: messageId },
    });
    expect(run.hopsOf(messageId).filter(({ stage }) => stage === "failed")).toEqual([]);
    return;
  }
  const item = await itemOf(messageId);
  if (end === "map") expect(canonicalOfWire(item.data ?? {})).toEqual(canonical(parseJson(message).value));
  else if (end === "text") expect(item).toMatchObject({ data: { S: message }, data_encoding: { S: "json" } });
  else expect(item).toMatchObject(end.item);
});
