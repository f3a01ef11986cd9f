import { PublishCommand, SetSubscriptionAttributesCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { createQueue, receive, urlOf } from "@event-pipeline/testing/queues";

let run: LocalRun;
let undeliveredUrl: string;

beforeAll(async () => {
  run = await LocalRun.start();
  undeliveredUrl = await urlOf(run.clients.sqs, "local-events-undelivered");
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

async function publish(input: object): Promise<string> {
  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: '{"type":"a"}', ...input });
  return String((await run.clients.sns.send(command)).MessageId);
}

async function subscribe(queueArn: string, Attributes: Record<string, string> = {}): Promise<string> {
  const command = new SubscribeCommand({
    TopicArn: run.output("topic_arn"),
    Protocol: "sqs",
    Endpoint: queueArn,
    Attributes,
  });
  return String((await run.clients.sns.send(command)).SubscriptionArn);
}

/** Receives the messages in the queue of undelivered messages. */
async function undelivered(): Promise<{ MessageId: string; Message: string; UnsubscribeURL: string }[]> {
  const messages = await receive(run.clients.sqs, undeliveredUrl);
  return messages.map(({ Body }) => JSON.parse(String(Body)));
}

function notesOf(messageId: string): string[] {
  const notes = run.lines.filter(({ kind }) => kind === "note").map(({ message }) => String(message));
  return notes.filter((note) => note.startsWith(`SNS could not deliver message ${messageId} to the subscription arn:`));
}

test("dead-letters a message that is too large for the queue", async () => {
  const QueueUrl = run.output("queue_url");
  const setLimit = (MaximumMessageSize: string) =>
    run.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { MaximumMessageSize } }));
  await setLimit("1024");
  const message = JSON.stringify({ type: "a", text: "x".repeat(2_000) });
  const id = await publish({ Message: message });
  await setLimit("1048576");
  await run.waitForHop(id, "dead-lettered");
  expect(await undelivered()).toMatchObject([{ MessageId: id, Message: message }]);
});

test("reports a message that neither the endpoint nor the dead-letter queue accepts", async () => {
  const id = await publish({ Message: "\u0001".repeat(200_000) }); // The envelope escapes each character as six.
  await run.until(() => notesOf(id).length === 2);
  const reasons = notesOf(id).map((note) => note.slice(note.search(/: the (?:message|record) has/) + 2));
  const tooLarge = (queue: string) => `the message has \\d{7} bytes, and the limit of ${queue} is 1048576`;
  const stream = "arn:aws:firehose:us-east-1:000000000000:deliverystream/local-events-raw";
  for (const ofEndpoint of [
    tooLarge("local-events-queue"),
    `the record has \\d{7} bytes, and the limit of ${stream} is 1024000`,
  ]) {
    const reason = new RegExp(`^${ofEndpoint}; ${tooLarge("local-events-undelivered")}\\.$`);
    expect(reasons).toContainEqual(expect.stringMatching(reason));
  }
});

test("reports a message if the redrive policy is missing or names a missing queue", async () => {
  const gone = "arn:aws:sqs:us-east-1:000000000000:gone";
  const subscriptionArn = await subscribe(gone);
  const set = (AttributeValue: string) =>
    run.clients.sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn: subscriptionArn,
        AttributeName: "RedrivePolicy",
        AttributeValue,
      }),
    );
  const lost = `to the subscription ${subscriptionArn}: there is no queue ${gone}; `;
  for (const [policy, reason] of [
    ["", "the subscription has no redrive policy."],
    ['{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:other"}', "there is no queue arn:aws:sqs:"],
  ] as const) {
    await set(policy);
    const id = await publish({});
    await run.waitForHop(id, "stored"); // The other subscriptions receive the message.
    expect(notesOf(id)).toEqual([expect.stringContaining(lost + reason)]);
  }
});

test("dead-letters raw messages that pass the filter policy, with their attributes", async () => {
  const { arn, url } = await createQueue(run.clients.sqs, "raw-undelivered");
  await subscribe("arn:aws:sqs:us-east-1:000000000000:raw-gone", {
    RawMessageDelivery: "true",
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn }),
    FilterPolicy: '{"kind":["wanted"]}',
  });
  const kind = (StringValue: string) => ({ MessageAttributes: { kind: { DataType: "String", StringValue } } });
  await publish(kind("other"));
  await publish(kind("wanted"));
  expect(await receive(run.clients.sqs, url)).toMatchObject([
    { Body: '{"type":"a"}', MessageAttributes: { kind: { DataType: "String", StringValue: "wanted" } } },
  ]);
});

test("dead-letters the envelope if the queue was deleted", async () => {
  await run.clients.sqs.send(new DeleteQueueCommand({ QueueUrl: run.output("queue_url") }));
  const id = await publish({ Message: '{"type":"late"}', Subject: "kept" });
  const hop = await run.waitForHop(id, "dead-lettered");
  expect(hop.detail).toEqual({ queue: "local-events-undelivered" });
  const [envelope] = await undelivered();
  expect(envelope).toMatchObject({
    Type: "Notification",
    MessageId: id,
    TopicArn: run.output("topic_arn"),
    Subject: "kept",
    Message: '{"type":"late"}',
    UnsubscribeURL: expect.stringContaining(run.output("topic_arn")),
  });
  await run.waitForHop(id, "archived");
});
