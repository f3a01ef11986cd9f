import { LocalRun } from "@event-pipeline/testing/local-run";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";

let run: LocalRun;

beforeAll(async () => {
  run = await LocalRun.start();
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:local-events";
const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:local-events-queue";

const text = fc.oneof(
  fc.string(),
  unicodeText(),
  fc.constantFrom(
    "",
    "json",
    "true",
    "Number",
    "String.Array",
    "sqs",
    "firehose",
    "{}",
    "[]",
    "null",
    "1e999",
    "a.b",
    "\u0001\u001b",
  ),
  fc.constantFrom(TOPIC_ARN, QUEUE_ARN, `${TOPIC_ARN}:x`, "FilterPolicy", "FilterPolicyScope", "MessageBody"),
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    '{"default":"x"}',
    '{"a":[{"prefix":"x"}]}',
    '{"$or":[{"a":["x"]},{"b":[1]}]}',
    '{"__proto__":["x"]}',
  ),
);
const number = fc.constantFrom("0", "1", "2", "3", "-1", "1.5", "999999999", "9999999999", "x", "__proto__", "");

const key = fc.oneof(
  fc.constantFrom("TopicArn", "TargetArn", "PhoneNumber", "Message", "Subject", "MessageStructure", "MessageGroupId"),
  fc.constantFrom("Protocol", "Endpoint", "SubscriptionArn", "AttributeName", "AttributeValue", "__proto__", "Action"),
  fc
    .tuple(number, fc.constantFrom("Name", "Value.DataType", "Value.StringValue", "Value.BinaryValue", "Value", ""))
    .map(([index, member]) => `MessageAttributes.entry.${index}.${member}`),
  fc
    .tuple(number, fc.constantFrom("Id", "Message", "Subject", "MessageStructure", "MessageAttributes.entry.1.Name"))
    .map(([index, member]) => `PublishBatchRequestEntries.member.${index}.${member}`),
  fc.tuple(number, fc.constantFrom("key", "value")).map(([index, member]) => `Attributes.entry.${index}.${member}`),
);

const BASES: Readonly<Record<string, Record<string, string>>> = {
  Publish: { TopicArn: TOPIC_ARN, Message: "{}" },
  PublishBatch: {
    TopicArn: TOPIC_ARN,
    "PublishBatchRequestEntries.member.1.Id": "a",
    "PublishBatchRequestEntries.member.1.Message": "{}",
  },
  Subscribe: { TopicArn: TOPIC_ARN, Protocol: "sqs", Endpoint: QUEUE_ARN },
  SetSubscriptionAttributes: { SubscriptionArn: `${TOPIC_ARN}:x`, AttributeName: "FilterPolicy", AttributeValue: "{}" },
  GetSubscriptionAttributes: { SubscriptionArn: `${TOPIC_ARN}:x` },
};

const form = fc
  .tuple(fc.constantFrom(...Object.keys(BASES)), fc.array(fc.tuple(key, text), { maxLength: 6 }))
  .map(([action, pairs]) => ({
    ...BASES[action],
    ...Object.fromEntries(pairs),
    Action: action,
    Version: "2010-03-31",
  }));

test("responds to random requests in SNS's format, and publishes every acknowledged message", async () => {
  const acknowledged: string[] = [];
  await fc.assert(
    fc.asyncProperty(form, async (parameters) => {
      const response = await fetch(run.ready.endpoint, { method: "POST", body: new URLSearchParams(parameters) });
      const xml = await response.text();
      if (response.status === 200) {
        expect(xml).toContain(`<${parameters.Action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">`);
        acknowledged.push(...[...xml.matchAll(/<MessageId>([^<]+)</g)].map(([, id]) => String(id)));
      } else {
        expect([400, 404]).toContain(response.status);
        expect(xml).toMatch(/<ErrorResponse.*<Type>Sender<\/Type>.*<Code>\w+<\/Code>.*<Message>.+<\/Message>/s);
        expect(xml).not.toMatch(/[^\P{Cc}\n]/u); // XML must not contain control characters.
      }
    }),
    { numRuns: 500 },
  );
  expect(acknowledged.length).toBeGreaterThan(0);
  await run.until(() => {
    const published = new Set(run.hops("published").map(({ messageId }) => messageId));
    return acknowledged.every((id) => published.has(id));
  });
});
