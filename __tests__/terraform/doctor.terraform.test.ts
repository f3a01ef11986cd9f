import { CloudWatchClient, DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { ListSubscriptionsCommand, SetSubscriptionAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { records, runCliProcess } from "@event-pipeline/testing/run-cli";
import { NAME } from "./harness/environment";
import { Workspace } from "./harness/workspace";

let workspace: Workspace;

beforeAll(async () => {
  workspace = await Workspace.open("doctor");
  workspace.use(workspace.stack, { leavingOut: true });
  await workspace.terraform.init();
  await workspace.terraform.plan();
  await workspace.terraform.apply();
});

afterAll(() => workspace?.close());

interface Resource {
  readonly kind: string;
  readonly address: string;
  readonly findings: readonly { readonly what: string; readonly message: string; readonly fix?: string }[];
}

async function findings(what: string): Promise<[address: string, message: string, fix: string | undefined][]> {
  const ran = await runCliProcess(
    ["doctor", "--json", "--name", NAME, "--region", "us-east-1", "--stack-folder", workspace.folder],
    {
      environment: {
        AWS_ENDPOINT_URL: workspace.moto.endpoint,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
    },
  );
  expect(ran.stderr).toMatch(/^\d+ resources checked: /);
  return (records(ran) as Resource[])
    .filter(({ kind }) => kind === "resource")
    .flatMap(({ address, findings }) =>
      findings
        .filter((each) => each.what === what)
        .map(({ message, fix }) => [address, message, fix] as [string, string, string | undefined]),
    );
}

const config = () => ({
  endpoint: workspace.moto.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

test("applied resources match the stack, functions and alarms too", async () => {
  expect(await findings("missing")).toEqual([]);
  // setup.ts overrides and prints these for an older provider; they are not faults of the stack.
  const overridden = /^(Runtime|MaximumMessageSize) is /;
  expect((await findings("wrong")).filter(([, message]) => !overridden.test(message))).toEqual([]);
});

test("values that moto does not report are unknown", async () => {
  for (const [, message] of await findings("unknown")) expect(message).toMatch(/is unknown|^Unknown/);
});

test("changes made outside Terraform are found, each with its fix", async () => {
  const lambda = new LambdaClient(config());
  const FunctionName = `${NAME}-event-processor`;
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName,
      Timeout: 3,
      Environment: { Variables: { TABLE_NAME: "other", EVENT_TTL_DAYS: "90" } },
    }),
  );
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
  await lambda.send(
    new UpdateEventSourceMappingCommand({ UUID: EventSourceMappings[0]?.UUID, Enabled: false, BatchSize: 1 }),
  );
  await new CloudWatchClient(config()).send(
    new DeleteAlarmsCommand({ AlarmNames: [`${NAME}-events-events-dlq-not-empty`] }),
  );
  const sns = new SNSClient(config());
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
  const { SubscriptionArn } = Subscriptions.find(({ Endpoint }) => Endpoint?.endsWith(`${NAME}-events-queue`)) ?? {};
  await sns.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: "RawMessageDelivery",
      AttributeValue: "true",
    }),
  );
  const dynamodb = new DynamoDBClient(config());
  await dynamodb.send(new UpdateTableCommand({ TableName: `${NAME}-events`, DeletionProtectionEnabled: false }));
  await dynamodb.send(new DeleteTableCommand({ TableName: `${NAME}-events` }));

  const wrong = await findings("wrong");
  const messages = wrong.map(([address, message]) => `${address}: ${message}`);
  expect(messages).toContain("aws_lambda_function.event_processor: Timeout is 3. In the stack it is 10.");
  expect(messages).toContainEqual(expect.stringContaining("environment TABLE_NAME is other"));
  expect(messages).toContainEqual(expect.stringContaining("environment DEAD_LETTER_QUEUE_URL is none"));
  expect(messages).toContain("aws_lambda_event_source_mapping.event_processor: BatchSize is 1. In the stack it is 10.");
  expect(messages).toContain("aws_sns_topic_subscription.sqs: RawMessageDelivery is true. In the stack it is false.");
  expect(wrong).toContainEqual([
    "aws_lambda_event_source_mapping.event_processor",
    "State is Disabled. In the stack it is Enabled.",
    expect.stringContaining("aws lambda update-event-source-mapping --enabled --uuid"),
  ]);
  const missing = (await findings("missing")).map(([address]) => address);
  expect(missing.sort()).toEqual(["aws_cloudwatch_metric_alarm.events_dlq_not_empty", "aws_dynamodb_table.events"]);
});
