import { PublishBatchCommand } from "@aws-sdk/client-sns";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import { matches } from "@event-pipeline/sns-filter-policy/matches";
import { receive } from "@event-pipeline/testing/queues";
import fc from "fast-check";
import { type Messaging, startMessaging } from "../messaging";

let aws: Messaging;
let queues: { readonly arn: string; readonly url: string }[];

beforeAll(async () => {
  aws = await startMessaging();
  queues = [await aws.queue("first"), await aws.queue("second"), await aws.queue("third")];
});

afterAll(() => aws.stop());

const name = fc.constantFrom("a", "b", "c");
const value = fc.constantFrom<unknown>("x", "xy", "", 1, 2.5, true, null);
const condition = fc.oneof(
  value,
  fc.constantFrom<unknown>(
    { exists: true },
    { exists: false },
    { prefix: "x" },
    { "anything-but": ["x"] },
    { numeric: [">", 1] },
  ),
);
const conditions = fc.array(condition, { minLength: 1, maxLength: 3 });
const flatPolicy = fc.dictionary(name, conditions, { minKeys: 1, maxKeys: 2 });
const bodyPolicy = fc.dictionary(name, fc.oneof(conditions, flatPolicy), { minKeys: 1, maxKeys: 2 });

const subscription = fc.record({
  FilterPolicy: fc.option(bodyPolicy, { nil: undefined }),
  FilterPolicyScope: fc.constantFrom("MessageBody" as const, "MessageAttributes" as const),
  RawMessageDelivery: fc.constantFrom("true", "false"),
});

const attribute = fc.oneof(
  fc.constantFrom("x", "xy", "z").map((StringValue) => ({ DataType: "String", StringValue })),
  fc.constantFrom("1", "2.5", "-3").map((StringValue) => ({ DataType: "Number", StringValue })),
  fc.array(value, { maxLength: 3 }).map((list) => ({ DataType: "String.Array", StringValue: JSON.stringify(list) })),
  fc.constant({ DataType: "Binary", BinaryValue: new Uint8Array([120]) }),
);

const message = fc.record({
  Message: fc.oneof(
    fc
      .dictionary(name, fc.oneof(value, fc.array(value, { maxLength: 2 }), fc.dictionary(name, value)))
      .map((body) => JSON.stringify(body)),
    fc.constantFrom("no JSON", "[]", "null"),
  ),
  MessageAttributes: fc.dictionary(name, attribute, { maxKeys: 3 }),
});

test("delivers exactly the messages that match each subscription's filter policy", async () => {
  let deliveries = 0;
  let topics = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(subscription, { minLength: 3, maxLength: 3 }),
      fc.array(message, { minLength: 1, maxLength: 10 }),
      async (subscriptions, messages) => {
        const valid = subscriptions.map(({ FilterPolicy, FilterPolicyScope: scope, RawMessageDelivery }) => {
          const json = JSON.stringify(FilterPolicy);
          try {
            return { scope, json, policy: FilterPolicy && parseFilterPolicyJson(json, scope), RawMessageDelivery };
          } catch {
            return { scope, json: undefined, policy: undefined, RawMessageDelivery }; // A nested policy for attributes.
          }
        });
        for (const { url } of queues) await aws.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
        const TopicArn = await aws.createTopic(`filtered-${++topics}`);
        await Promise.all(
          valid.map(({ scope, json, RawMessageDelivery }, index) =>
            aws.subscribe(TopicArn, queues[index]?.arn ?? "", {
              RawMessageDelivery,
              FilterPolicyScope: scope,
              ...(json !== undefined && { FilterPolicy: json }),
            }),
          ),
        );
        const PublishBatchRequestEntries = messages.map((each, index) => ({ Id: String(index), ...each }));
        await aws.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
        for (const [index, { policy, RawMessageDelivery }] of valid.entries()) {
          const { url = "" } = queues[index] ?? {};
          const bodies = (await receive(aws.sqs, url)).map(({ Body = "" }) =>
            RawMessageDelivery === "true" ? Body : JSON.parse(Body).Message,
          );
          const expected = messages.filter(
            ({ Message: body, MessageAttributes: attributes }) => !policy || matches(policy, { body, attributes }),
          );
          expect(bodies).toEqual(expected.map(({ Message }) => Message));
          deliveries += bodies.length;
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(deliveries).toBeGreaterThan(40);
});
