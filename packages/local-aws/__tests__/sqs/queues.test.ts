// Tests the attributes of queues, and the rules for them, in both protocols.
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { attributes, counts, createQueue, receive } from "@event-pipeline/testing/queues";
import fc from "fast-check";
import { SteppedClock } from "../../clock";
import { type StartedSqs, startSqs } from "./start-sqs";

const clock = new SteppedClock();
let started: StartedSqs;
let sqs: SQSClient;
let names = 0;

beforeAll(async () => {
  started = await startSqs({ clock });
  sqs = started.clients.json;
});

afterAll(() => started.stop());

const newName = () => `queue-${++names}`;
const redrivePolicy = (deadLetterTargetArn: string, maxReceiveCount: unknown = 3) =>
  JSON.stringify({ deadLetterTargetArn, maxReceiveCount });

describe.each(["json", "query"] as const)("in the %s protocol", (protocol) => {
  const set = (QueueUrl: string, Attributes: Partial<Record<QueueAttributeName, string>>) =>
    started.clients[protocol].send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const create = (Attributes: Record<string, string>, QueueName = newName()) =>
    started.clients[protocol].send(new CreateQueueCommand({ QueueName, Attributes }));

  test("a new queue has AWS's defaults", async () => {
    const { url, arn } = await createQueue(sqs, newName());
    const found = await attributes(started.clients[protocol], url);
    const seconds = String(Math.floor(clock.now() / 1_000));
    expect(found).toEqual({
      QueueArn: arn,
      DelaySeconds: "0",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      ReceiveMessageWaitTimeSeconds: "0",
      VisibilityTimeout: "30",
      SqsManagedSseEnabled: "true",
      CreatedTimestamp: seconds,
      LastModifiedTimestamp: seconds,
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      ApproximateNumberOfMessagesDelayed: "0",
    });
  });

  test("accepts numbers within AWS's ranges, and rejects all others", async () => {
    const { url } = await createQueue(sqs, newName());
    const ranges = {
      DelaySeconds: [0, 900],
      KmsDataKeyReusePeriodSeconds: [60, 86_400],
      MaximumMessageSize: [1_024, 1_048_576],
      MessageRetentionPeriod: [60, 1_209_600],
      ReceiveMessageWaitTimeSeconds: [0, 20],
      VisibilityTimeout: [0, 43_200],
    } as const;
    const names = Object.keys(ranges) as (keyof typeof ranges)[];
    const sample = fc.constantFrom(...names).chain((name) => {
      const [min, max] = ranges[name];
      const number = fc.oneof(
        fc.constantFrom(min, max, min - 1, max + 1),
        fc.integer({ min, max }),
        fc.constantFrom("", "abc", "1.5", "1e2", " 60", "٣", "99999999999999999999"),
      );
      return fc.tuple(fc.constant(name), number);
    });
    await fc.assert(
      fc.asyncProperty(sample, async ([name, value]) => {
        const [min, max] = ranges[name];
        const changed = set(url, { [name]: String(value), KmsMasterKeyId: "alias/key" });
        if (typeof value === "number" && value >= min && value <= max) {
          await changed;
          expect((await attributes(sqs, url))[name]).toBe(String(value));
        } else await expect(changed).rejects.toMatchObject({ name: "InvalidAttributeValue" });
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ["an unknown attribute", { NoSuchThing: "1" }, "InvalidAttributeName", "Unknown Attribute NoSuchThing."],
    ["an attribute that AWS computes", { QueueArn: "arn" }, "InvalidAttributeName", "Unknown Attribute QueueArn."],
    ["an attribute of FIFO queues", { ContentBasedDeduplication: "true" }, "InvalidAttributeName", "Unknown Attribute"],
    ["FifoQueue false", { FifoQueue: "false" }, "InvalidAttributeName", "Unknown Attribute FifoQueue."],
    ["SqsManagedSseEnabled maybe", { SqsManagedSseEnabled: "maybe" }, "InvalidAttributeValue", "true or false"],
    [
      "two kinds of encryption",
      { SqsManagedSseEnabled: "true", KmsMasterKeyId: "alias/key" },
      "InvalidAttributeValue",
      "one type of server-side encryption",
    ],
    ["a Policy that is not JSON", { Policy: "{" }, "InvalidAttributeValue", "Policy"],
    ["a Policy without statements", { Policy: '{"Statement":[]}' }, "InvalidAttributeValue", "Policy"],
    [
      "a Policy for another service",
      { Policy: '{"Statement":{"Effect":"Allow","Principal":"*","Action":"sns:Publish"}}' },
      "InvalidAttributeValue",
      "Policy",
    ],
    ["a RedrivePolicy that is not a map", { RedrivePolicy: "[]" }, "InvalidParameterValue", "not a valid JSON map"],
    [
      "a RedrivePolicy without a target",
      { RedrivePolicy: '{"maxReceiveCount":1}' },
      "InvalidParameterValue",
      "required",
    ],
    ["a RedriveAllowPolicy for nobody", { RedriveAllowPolicy: "{}" }, "InvalidParameterValue", "redrivePermission"],
    [
      "a RedriveAllowPolicy byQueue without queues",
      { RedriveAllowPolicy: '{"redrivePermission":"byQueue"}' },
      "InvalidParameterValue",
      "1 to 10 ARNs",
    ],
    [
      "a RedriveAllowPolicy denyAll with queues",
      {
        RedriveAllowPolicy:
          '{"redrivePermission":"denyAll","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:q"]}',
      },
      "InvalidParameterValue",
      "only with redrivePermission byQueue",
    ],
  ] as [string, Record<string, string>, string, string][])("rejects %s", async (_what, wrong, name, message) => {
    const { url } = await createQueue(sqs, newName());
    const error = { name, message: expect.stringContaining(message) };
    await expect(set(url, wrong)).rejects.toMatchObject(error);
    await expect(create(wrong)).rejects.toMatchObject(error);
  });

  test("keeps policies, and removes them with an empty string", async () => {
    const { url } = await createQueue(sqs, newName());
    const { arn } = await createQueue(sqs, newName());
    const policies = {
      Policy: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}}',
      RedriveAllowPolicy: `{"redrivePermission":"byQueue","sourceQueueArns":["${arn}"]}`,
      RedrivePolicy: redrivePolicy(arn, 5),
    };
    await set(url, policies);
    expect(await attributes(sqs, url)).toMatchObject(policies);
    await set(url, { Policy: "", RedriveAllowPolicy: "", RedrivePolicy: "" });
    for (const name of Object.keys(policies)) expect(await attributes(sqs, url)).not.toHaveProperty(name);
  });

  test("returns the attributes of encryption as AWS does", async () => {
    const { url } = await createQueue(sqs, newName());
    await set(url, { KmsMasterKeyId: "alias/key" });
    expect(await attributes(sqs, url)).toMatchObject({
      KmsMasterKeyId: "alias/key",
      KmsDataKeyReusePeriodSeconds: "300",
      SqsManagedSseEnabled: "false",
    });
    await set(url, { KmsMasterKeyId: "", SqsManagedSseEnabled: "false" });
    const found = await attributes(sqs, url);
    expect(found).toMatchObject({ SqsManagedSseEnabled: "false" });
    expect(found).not.toHaveProperty("KmsMasterKeyId");
    expect(found).not.toHaveProperty("KmsDataKeyReusePeriodSeconds");
  });

  test("CreateQueue returns a queue that has these attributes, and rejects other ones", async () => {
    const QueueName = newName();
    const { QueueUrl } = await create({ VisibilityTimeout: "10" }, QueueName);
    for (const same of [{}, { VisibilityTimeout: "10" }, { DelaySeconds: "0" }]) {
      expect((await create(same, QueueName)).QueueUrl).toBe(QueueUrl);
    }
    await expect(create({ VisibilityTimeout: "11" }, QueueName)).rejects.toMatchObject({
      name: "QueueNameExists",
      message: expect.stringContaining("different value for attribute VisibilityTimeout"),
    });
  });

  test.each(["", "a b", "a.b", "a".repeat(81), "ä"])("CreateQueue rejects the name %j", async (name) => {
    await expect(create({}, name)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  test("refuses FIFO queues by name", async () => {
    await expect(create({ FifoQueue: "true" }, "ordered.fifo")).rejects.toMatchObject({
      message: expect.stringContaining("SQS CreateQueue with the FIFO queue ordered.fifo"),
      $metadata: { httpStatusCode: 501 },
    });
    await expect(create({ FifoQueue: "true" }, newName())).rejects.toThrow("must end with .fifo");
    await expect(create({}, "ordered.fifo")).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });
});

describe("RedrivePolicy", () => {
  const set = (QueueUrl: string, RedrivePolicy: string) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));

  test("needs a dead-letter queue that exists", async () => {
    const { url } = await createQueue(sqs, newName());
    const policy = redrivePolicy("arn:aws:sqs:us-east-1:000000000000:missing");
    const error = {
      name: "InvalidParameterValue",
      message: `Value ${policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    };
    await expect(set(url, policy)).rejects.toMatchObject(error);
    await expect(createQueue(sqs, newName(), { RedrivePolicy: policy })).rejects.toMatchObject(error);
    expect(await attributes(sqs, url)).not.toHaveProperty("RedrivePolicy");
  });

  test("accepts a maxReceiveCount from 1 to 1,000, and returns it as a number", async () => {
    const { url } = await createQueue(sqs, newName());
    const { arn } = await createQueue(sqs, newName());
    for (const count of [1, "7", 1_000]) {
      await set(url, redrivePolicy(arn, count));
      expect((await attributes(sqs, url)).RedrivePolicy).toBe(redrivePolicy(arn, Number(count)));
    }
    for (const count of [0, 1_001, -1, 1.5, "", "x", null, true]) {
      await expect(set(url, redrivePolicy(arn, count))).rejects.toThrow("Invalid value for maxReceiveCount");
    }
  });

  test("needs the permission of the dead-letter queue's RedriveAllowPolicy", async () => {
    const source = await createQueue(sqs, newName());
    const allowed = await createQueue(sqs, newName());
    const allow = async (policy: object) => {
      const RedriveAllowPolicy = JSON.stringify(policy);
      return (await createQueue(sqs, newName(), { RedriveAllowPolicy })).arn;
    };
    const byQueue = await allow({ redrivePermission: "byQueue", sourceQueueArns: [allowed.arn] });
    const [nobody, all] = [
      await allow({ redrivePermission: "denyAll" }),
      await allow({ redrivePermission: "allowAll" }),
    ];
    for (const arn of [byQueue, nobody]) {
      await expect(set(source.url, redrivePolicy(arn))).rejects.toMatchObject({
        name: "InvalidParameterValue",
        message: expect.stringContaining("does not allow the source queue"),
      });
    }
    await set(allowed.url, redrivePolicy(byQueue));
    await set(source.url, redrivePolicy(all));
  });
});

describe("ReceiveMessage", () => {
  test("hands no message to a client that hung up during a long poll", async () => {
    const { url } = await createQueue(sqs, newName());
    const hangUp = new AbortController();
    const polled = sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
      abortSignal: hangUp.signal,
    });
    const queue = started.state.queueByUrl(url);
    while (!queue.hasReceivers) await new Promise(setImmediate);
    hangUp.abort();
    await expect(polled).rejects.toThrow();
    while (queue.hasReceivers) await new Promise(setImmediate);
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "m" }));
    expect((await receive(sqs, url)).map(({ Body }) => Body)).toEqual(["m"]);
  });

  test("waits as long as the queue's attribute says", async () => {
    const { url } = await createQueue(sqs, newName(), { ReceiveMessageWaitTimeSeconds: "5" });
    const received = receive(sqs, url);
    const queue = started.state.queueByUrl(url);
    while (!queue.hasReceivers) await new Promise(setImmediate);
    await clock.advance(5_000);
    expect(await received).toEqual([]);
  });

  test("rejects a short poll while 120,000 messages are in flight", async () => {
    const { url } = await createQueue(sqs, newName());
    const queue = started.state.queueByUrl(url);
    queue.send({ body: "m", senderId: "AIDALOCAL" });
    const counted = jest.spyOn(queue, "counts");
    counted.mockReturnValue({ visible: 1, inFlight: 120_000, delayed: 0 });
    await expect(receive(sqs, url)).rejects.toMatchObject({ name: "OverLimit" });
    counted.mockReturnValue({ visible: 1, inFlight: 119_999, delayed: 0 });
    expect(await receive(sqs, url)).toHaveLength(1);
  });

  test("rejects a parameter of FIFO queues", async () => {
    const { url } = await createQueue(sqs, newName());
    await expect(receive(sqs, url, { ReceiveRequestAttemptId: "a" })).rejects.toThrow("not valid for this queue type");
  });

  test.each([
    ["MaxNumberOfMessages", 0],
    ["MaxNumberOfMessages", 11],
    ["VisibilityTimeout", -1],
    ["VisibilityTimeout", 43_201],
    ["WaitTimeSeconds", 21],
  ])("rejects the %s %d", async (name, value) => {
    const { url } = await createQueue(sqs, newName());
    await expect(receive(sqs, url, { [name]: value })).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: expect.stringContaining(`Value ${value} for parameter ${name} is invalid.`),
    });
  });
});

describe("ChangeMessageVisibility", () => {
  const change = (QueueUrl: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));

  test("works only for messages in flight, up to 12 hours after their receive", async () => {
    const { url } = await createQueue(sqs, newName());
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "m" }));
    const [message] = await receive(sqs, url);
    await change(url, message?.ReceiptHandle, 3_600);
    await clock.advance(3_000_000);
    expect(await counts(sqs, url)).toEqual([0, 1, 0]);
    await expect(change(url, message?.ReceiptHandle, 43_200)).rejects.toThrow("beyond the limit [43200 seconds]");
    await clock.advance(600_000);
    expect(await counts(sqs, url)).toEqual([1, 0, 0]);
    await expect(change(url, message?.ReceiptHandle, 10)).rejects.toMatchObject({ name: "MessageNotInflight" });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
    await expect(change(url, message?.ReceiptHandle, 10)).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: expect.stringContaining("Message does not exist or is not available for visibility timeout change."),
    });
  });
});

describe("names", () => {
  test("GetQueueUrl rejects a queue that does not exist, and one of another account", async () => {
    const QueueName = newName();
    await createQueue(sqs, QueueName);
    for (const input of [{ QueueName: "missing" }, { QueueName, QueueOwnerAWSAccountId: "111111111111" }]) {
      await expect(sqs.send(new GetQueueUrlCommand(input))).rejects.toMatchObject({ name: "QueueDoesNotExist" });
    }
  });

  test("ListQueues returns all queues without MaxResults, and none for an unknown prefix", async () => {
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls?.length).toBeGreaterThan(10);
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "none" }))).QueueUrls).toBeUndefined();
    await expect(sqs.send(new ListQueuesCommand({ MaxResults: 1_001 }))).rejects.toThrow("MaxResults");
    await expect(sqs.send(new ListQueuesCommand({ MaxResults: 1, NextToken: "%%%" }))).rejects.toThrow("NextToken");
  });

  test("GetQueueAttributes rejects an unknown name", async () => {
    const { url: QueueUrl } = await createQueue(sqs, newName());
    const asked = sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["NoSuchThing" as never] }));
    await expect(asked).rejects.toMatchObject({ name: "InvalidAttributeName" });
  });

  test.each([
    ["a reserved prefix", { "aws:x": "1" }],
    ["a long key", { ["k".repeat(129)]: "1" }],
    ["a long value", { k: "v".repeat(257) }],
    ["51 tags", Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"]))],
  ])("TagQueue rejects %s", async (_what, Tags) => {
    const { url: QueueUrl } = await createQueue(sqs, newName());
    await expect(sqs.send(new TagQueueCommand({ QueueUrl, Tags }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });
});
