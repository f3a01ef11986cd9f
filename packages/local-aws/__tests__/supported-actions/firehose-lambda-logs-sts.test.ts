import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { storedIds } from "@event-pipeline/testing/stored-events";
import { CREDENTIALS } from "../../account";
import { FIREHOSE, LAMBDA, LOGS, STS } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

const DeliveryStreamName = "local-events-raw";
const FunctionName = "local-event-processor";
const GROUP = `/aws/lambda/${FunctionName}`;

let run: LocalRun;
let firehose: FirehoseClient;
let lambda: LambdaClient;
let logs: CloudWatchLogsClient;
let sts: STSClient;

beforeAll(async () => {
  run = await LocalRun.start("--archive-interval", "0");
  const config = { endpoint: run.ready.endpoint, region: run.ready.region, credentials: CREDENTIALS };
  firehose = new FirehoseClient(config);
  lambda = new LambdaClient(config);
  logs = new CloudWatchLogsClient(config);
  sts = new STSClient(config);
});

afterAll(async () => {
  for (const client of [firehose, lambda, logs, sts]) client.destroy();
  expect(await run.stop()).toBe(0);
});

const Record = { Data: Buffer.from("{}") };

/** Calls `put`, and waits until the archive has `count` more records. */
async function expectArchived(count: number, put: () => Promise<unknown>): Promise<void> {
  const before = run.hops("archived").length;
  await put();
  await run.until(() => run.hops("archived").length === before + count);
}

testSupportedActions(FIREHOSE, {
  ListDeliveryStreams: async () => {
    const { DeliveryStreamNames } = await firehose.send(new ListDeliveryStreamsCommand({}));
    expect(DeliveryStreamNames).toEqual([DeliveryStreamName]);
  },
  PutRecord: () => expectArchived(1, () => firehose.send(new PutRecordCommand({ DeliveryStreamName, Record }))),
  PutRecordBatch: () =>
    expectArchived(2, () =>
      firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: [Record, Record] })),
    ),
});

const invoke = (input: Partial<InvokeCommandInput>) => lambda.send(new InvokeCommand({ FunctionName, ...input }));
const payloadOf = ({ Payload }: { Payload?: Uint8Array }) => JSON.parse(Buffer.from(Payload ?? "").toString());

testSupportedActions(LAMBDA, {
  Invoke: async () => {
    const record = recordOfEvent({ type: "by.hand", id: "invoked" });
    const response = await invoke({ Payload: JSON.stringify({ Records: [record] }), LogType: "Tail" });
    expect([response.StatusCode, response.FunctionError, payloadOf(response)]).toEqual([
      200,
      undefined,
      { batchItemFailures: [] },
    ]);
    expect(Buffer.from(response.LogResult ?? "", "base64").toString()).toContain("batch processed");
    expect(await storedIds(run)).toEqual(new Set(["invoked"]));
  },
});

test("Invoke returns the error that the handler throws", async () => {
  const response = await invoke({ Payload: "{}" });
  expect(response).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  expect(payloadOf(response)).toMatchObject({ errorType: "TypeError", errorMessage: expect.any(String) });
});

test.each([
  ["its ARN", `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`],
  ["a partial ARN", `000000000000:function:${FunctionName}`],
  ["its name and version", `${FunctionName}:$LATEST`],
])("Invoke finds a function by %s", async (_what, name) => {
  expect(await invoke({ FunctionName: name, InvocationType: "DryRun" })).toMatchObject({ StatusCode: 204 });
});

test.each([
  ["a missing function", { FunctionName: "no-such-function" }, 404, "ResourceNotFoundException"],
  ["an invalid function name", { FunctionName: "%" }, 404, "ResourceNotFoundException"],
  ["a missing version", { Qualifier: "7" }, 404, "ResourceNotFoundException"],
  ["a payload that is not JSON", { Payload: "{" }, 400, "InvalidRequestContentException"],
  ["an unknown invocation type", { InvocationType: "Later" as "Event" }, 400, "InvalidParameterValueException"],
  ["a client context", { ClientContext: "e30=" }, 501, "UnknownOperationException"],
])("Invoke rejects %s", async (_what, input, status, name) => {
  await expect(invoke(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
});

testSupportedActions(LOGS, {
  DescribeLogGroups: async () => {
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toContain(GROUP);
  },
  FilterLogEvents: async () => {
    const Message = "poison";
    const { MessageId } = await run.clients.sns.send(
      new PublishCommand({ TopicArn: run.output("topic_arn"), Message }),
    );
    await run.waitFor(({ kind, line }) => kind === "log" && JSON.stringify(line).includes(String(MessageId)));
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: `"${MessageId}"` }),
    );
    expect(events?.map(({ message }) => message)).toContainEqual(expect.stringContaining("record refused"));
  },
});

testSupportedActions(STS, {
  GetCallerIdentity: async () => {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Account).toBe("000000000000");
  },
});
