// The local run supports each argument of the stack, or lists it as not run.
import { DescribeTableCommand, DescribeTimeToLiveCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";

let run: LocalRun;

beforeAll(async () => {
  const folder = stackFolder(() => undefined, stageWith({ eventIdIndex: true, tags: { Team: "events" } }));
  run = await LocalRun.start("--stack-folder", folder);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

test("finds an event by its ID in the index", async () => {
  const event = { type: "scan.done", id: "by-index", time: "2026-01-02T03:04:05Z" };
  const { MessageId } = await run.clients.sns.send(
    new PublishCommand({ TopicArn: run.output("topic_arn"), Message: JSON.stringify(event) }),
  );
  await run.waitForHop(String(MessageId), "stored");
  const { Table } = await run.clients.dynamodb.send(new DescribeTableCommand({ TableName: "local-events" }));
  const [index] = Table?.GlobalSecondaryIndexes ?? [];
  expect(index).toMatchObject({ IndexStatus: "ACTIVE", Projection: { ProjectionType: "KEYS_ONLY" } });
  const { Items } = await run.clients.dynamodb.send(
    new QueryCommand({
      TableName: "local-events",
      IndexName: index?.IndexName,
      KeyConditionExpression: "event_id = :id",
      ExpressionAttributeValues: { ":id": { S: "by-index" } },
    }),
  );
  expect(Items).toEqual([
    {
      event_id: { S: "by-index" },
      event_type: { S: "scan.done" },
      timestamp_id: { S: expect.stringMatching(/^2026-01-02T03:04:05\.000Z#by-index#/) },
    },
  ]);
});

test("sets the queue's policy", async () => {
  const { Attributes } = await run.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: run.output("queue_url"), AttributeNames: ["Policy", "QueueArn"] }),
  );
  expect(JSON.parse(Attributes?.Policy ?? "")).toMatchObject({
    Statement: expect.arrayContaining([
      expect.objectContaining({ Action: "sqs:SendMessage", Resource: Attributes?.QueueArn }),
    ]),
  });
});

test("lists recovery and tags as not run", () => {
  expect(run.ready.notRun).toEqual(
    expect.arrayContaining(["aws_dynamodb_table.events.point_in_time_recovery", "provider.aws.default_tags"]),
  );
});

test("enables the time to live", async () => {
  const { TimeToLiveDescription } = await run.clients.dynamodb.send(
    new DescribeTimeToLiveCommand({ TableName: "local-events" }),
  );
  expect(TimeToLiveDescription).toEqual({ AttributeName: "expires_at", TimeToLiveStatus: "ENABLED" });
});
