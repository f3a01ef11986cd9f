// Sends each unsupported action with the SDK's clients. Each must fail with 501 and change no data.
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ListSubscriptionsCommand, ListTopicsCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { storedItems } from "@event-pipeline/testing/stored-events";
import { CREDENTIALS } from "../../account";
import { SUPPORTED_SERVICES } from "../../supported-actions";
import { type Action, actionsOf, clientOf, SERVICES } from "../sdk-commands";

const BUCKET = "kept-bucket";
const EMPTY_BUCKET = "kept-empty";
const KEY = "kept/object.txt";
const TABLE = "local-events";

/** Matches the protocols' error codes for an unknown action. */
const UNKNOWN_ACTION = /^(?:UnknownOperationException|InvalidAction|NotImplemented)$/;

let run: LocalRun;
let named: Record<string, unknown>;

beforeAll(async () => {
  run = await LocalRun.start("--archive-interval", "0");
  const { s3, sqs, dynamodb } = run.clients;
  for (const Bucket of [BUCKET, EMPTY_BUCKET]) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: "kept" }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "kept" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
  const key = { event_type: { S: "kept" }, timestamp_id: { S: "kept" } };
  await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item: key }));
  const topicArn = run.output("topic_arn");
  named = {
    Bucket: BUCKET,
    Key: KEY,
    CopySource: `${BUCKET}/${KEY}`,
    QueueUrl,
    QueueName: "kept",
    TopicArn: topicArn,
    ResourceArn: topicArn,
    TableName: TABLE,
    TableNames: [TABLE],
    FunctionName: "local-event-processor",
    DeliveryStreamName: "local-events-raw",
    logGroupName: "/aws/lambda/local-event-processor",
    ChecksumAlgorithm: "CRC32",
  };
});

afterAll(async () => {
  expect(run.stderr).toBe("");
  expect(await run.stop()).toBe(0);
});

async function kept() {
  const { s3, sqs, sns } = run.clients;
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: String(named.QueueUrl), AttributeNames: ["All"] }),
  );
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
  const { Topics } = await sns.send(new ListTopicsCommand({}));
  const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
  return {
    items: await storedItems(run),
    object: await Body?.transformToString(),
    buckets: Buckets?.map(({ Name }) => Name),
    queue: Attributes,
    topics: Topics,
    subscriptions: Subscriptions,
  };
}

const isSupported = ({ service, name }: Action) =>
  SUPPORTED_SERVICES.some((supported) => supported.name === service && Object.hasOwn(supported.actions, name));

describe.each(SERVICES)("%s", (service) => {
  const actions = actionsOf(service);

  test("supports only actions that the SDK has", () => {
    const listed = Object.keys(SUPPORTED_SERVICES.find(({ name }) => name === service)?.actions ?? {});
    expect(actions.map(({ name }) => name)).toEqual(expect.arrayContaining(listed));
  });

  test("rejects every other action with 501 and the action's name, and changes no data", async () => {
    const unsupported = actions.filter((action) => !isSupported(action));
    expect(unsupported.length).toBeGreaterThan(0);
    const before = await kept();
    const { endpoint, region } = run.ready;
    const client = clientOf(service, {
      endpoint,
      region,
      credentials: CREDENTIALS,
      forcePathStyle: true,
      disableHostPrefix: true,
      maxAttempts: 1,
    });
    const wrong: unknown[] = [];
    for (const action of unsupported) {
      for (const Bucket of service === "S3" ? [BUCKET, EMPTY_BUCKET] : [""]) {
        const result = await action.send(client, { ...named, Bucket }).catch((error: unknown) => error);
        const { name, message, $metadata } = result as Error & { $metadata?: { httpStatusCode?: number } };
        // For Lambda, the message may contain the path instead of the action's name.
        const isNamed = new RegExp(`\\b${action.name}\\b${service === "Lambda" ? "|/20\\d\\d-" : ""}`);
        const isRight = $metadata?.httpStatusCode === 501 && UNKNOWN_ACTION.test(name) && isNamed.test(message);
        if (!isRight) wrong.push({ action: action.name, status: $metadata?.httpStatusCode, name, message });
      }
    }
    client.destroy();
    expect(wrong).toEqual([]);
    expect(await kept()).toEqual(before);
  }, 120_000);
});
