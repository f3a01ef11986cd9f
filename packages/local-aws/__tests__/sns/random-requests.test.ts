import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { SNS } from "../../sns/service";
import { type Messaging, startMessaging } from "../messaging";

let aws: Messaging;
const TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:events";
const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:events";

beforeAll(async () => {
  aws = await startMessaging();
  await aws.createTopic("events");
  await aws.queue("events");
  await aws.subscribe(TOPIC_ARN, QUEUE_ARN);
});

afterAll(() => aws.stop());

const text = fc.oneof(
  fc.string(),
  unicodeText(),
  fc.constantFrom("", "json", "true", "Number", "String.Array", "sqs", "firehose", "{}", "[]", "null", "1e999", "a.b"),
  fc.constantFrom("\u0001\u001b", "__proto__", "constructor", '{"default":"x"}', '{"a":[{"prefix":"x"}]}'),
  fc.constantFrom(TOPIC_ARN, QUEUE_ARN, `${TOPIC_ARN}:x`, "FilterPolicy", "FilterPolicyScope", "MessageBody"),
  fc.constantFrom("RawMessageDelivery", "RedrivePolicy", "MaximumMessageSize", "Policy", "DisplayName"),
  fc.json({ maxDepth: 3 }),
);
const number = fc.constantFrom("0", "1", "2", "3", "-1", "1.5", "999999999", "9999999999", "x", "__proto__", "");

const key = fc.oneof(
  fc.constantFrom("TopicArn", "TargetArn", "PhoneNumber", "Message", "Subject", "MessageStructure", "MessageGroupId"),
  fc.constantFrom("Protocol", "Endpoint", "SubscriptionArn", "AttributeName", "AttributeValue", "__proto__", "Name"),
  fc.constantFrom("ResourceArn", "NextToken", "Token", "MessageDeduplicationId", "Attributes", "Tags", "Action.x"),
  fc
    .tuple(number, fc.constantFrom("Name", "Value.DataType", "Value.StringValue", "Value.BinaryValue", "Value", ""))
    .map(([index, member]) => `MessageAttributes.entry.${index}.${member}`),
  fc
    .tuple(number, fc.constantFrom("Id", "Message", "Subject", "MessageStructure", "MessageAttributes.entry.1.Name"))
    .map(([index, member]) => `PublishBatchRequestEntries.member.${index}.${member}`),
  fc.tuple(number, fc.constantFrom("key", "value")).map(([index, member]) => `Attributes.entry.${index}.${member}`),
  fc.tuple(number, fc.constantFrom("Key", "Value")).map(([index, member]) => `Tags.member.${index}.${member}`),
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
  SetTopicAttributes: { TopicArn: TOPIC_ARN, AttributeName: "DisplayName", AttributeValue: "{}" },
  CreateTopic: { Name: "made" },
  TagResource: { ResourceArn: TOPIC_ARN, "Tags.member.1.Key": "k", "Tags.member.1.Value": "v" },
};

const form = fc
  .tuple(
    fc.constantFrom(...Object.keys(SNS.actions).filter((name) => name !== "DeleteTopic")),
    fc.array(fc.tuple(key, text), { maxLength: 6 }),
  )
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
      const response = await fetch(aws.endpoint, { method: "POST", body: new URLSearchParams(parameters) });
      const xml = await response.text();
      if (response.status === 200) {
        expect(xml).toContain(`<${parameters.Action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/">`);
        if (/^Publish/.test(parameters.Action)) {
          acknowledged.push(...[...xml.matchAll(/<MessageId>([^<]+)</g)].map(([, id]) => String(id)));
        }
      } else {
        expect([400, 404, 501]).toContain(response.status);
        expect(xml).toMatch(
          /<ErrorResponse.*<Type>(?:Sender|Receiver)<\/Type>.*<Code>\w+<\/Code>.*<Message>.+<\/Message>/s,
        );
      }
      expect(xml).not.toMatch(/[^\P{Cc}\n]/u); // XML must not contain control characters.
    }),
    { numRuns: 500 },
  );
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(new Set(aws.observed.published.map(([{ messageId }]) => messageId))).toEqual(new Set(acknowledged));
});
