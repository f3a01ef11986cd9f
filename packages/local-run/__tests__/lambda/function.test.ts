import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand } from "@aws-sdk/client-sns";
import { METRICS, METRICS_DIMENSIONS, METRICS_NAMESPACE } from "@event-pipeline/event-model/metrics";
import { CREDENTIALS } from "@event-pipeline/local-aws/account";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { storedIds } from "@event-pipeline/testing/stored-events";

const FUNCTION = "local-event-processor";

let run: LocalRun;
let lambda: LambdaClient;
let logs: CloudWatchLogsClient;
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  run = await LocalRun.start();
  const config = { endpoint: run.ready.endpoint, region: run.ready.region, credentials: CREDENTIALS };
  lambda = new LambdaClient(config);
  logs = new CloudWatchLogsClient(config);
  cloudwatch = new CloudWatchClient(config);
});

afterAll(async () => {
  for (const client of [lambda, logs, cloudwatch]) client.destroy();
  expect(await run.stop()).toBe(0);
});

test("finds the log lines of a message by its MessageId", async () => {
  const { MessageId } = await run.clients.sns.send(
    new PublishCommand({ TopicArn: run.output("topic_arn"), Message: "poison" }),
  );
  await run.waitForHop(String(MessageId), "processed");
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${FUNCTION}`, filterPattern: `"${MessageId}"` }),
  );
  expect(events.map(({ message = "" }) => JSON.parse(message))).toMatchObject([
    { message: "record refused", sns_message_id: MessageId },
    { message: "batch processed", ends: [{ end: "refused", sns_message_id: MessageId }] },
  ]);
});

test("invokes the event processor, and counts its metrics", async () => {
  const Payload = JSON.stringify({ Records: [recordOfEvent({ type: "by.hand", id: "invoked" })] });
  const response = await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, Payload, LogType: "Tail" }));
  expect(JSON.parse(Buffer.from(response.Payload ?? "").toString())).toEqual({ batchItemFailures: [] });
  expect(Buffer.from(response.LogResult ?? "", "base64").toString()).toContain("batch processed");
  expect(await storedIds(run)).toEqual(new Set(["invoked"]));

  const statistic = (Id: string, Namespace: string, MetricName: string, Name: string, Value: string) => {
    const Metric = { Namespace, MetricName, Dimensions: [{ Name, Value }] };
    return { Id, MetricStat: { Metric, Period: 86_400, Stat: "Sum" } };
  };
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 60_000),
      MetricDataQueries: [
        statistic("stored", METRICS_NAMESPACE, METRICS.stored, METRICS_DIMENSIONS.functionName, FUNCTION),
        statistic("errors", "AWS/Lambda", "Errors", "FunctionName", FUNCTION),
      ],
    }),
  );
  const sums = MetricDataResults.map(({ Id, Values = [] }) => [Id, Values.reduce((sum, value) => sum + value, 0)]);
  expect(sums).toEqual([
    ["stored", 1],
    ["errors", 0],
  ]);
});
