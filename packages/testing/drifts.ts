import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, CreateLogGroupCommand, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTableCommand,
  DeleteResourcePolicyCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutResourcePolicyCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeDeliveryStreamCommand, FirehoseClient, UpdateDestinationCommand } from "@aws-sdk/client-firehose";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { type CommandResult, records, runCli } from "./run-cli";

/** A pipeline that is deployed for tests, on moto or in the local run. */
export interface DriftTarget {
  readonly endpoint: string;
  readonly name: string;
  readonly account: string;
  /** The stage's folder, with the zips. */
  readonly folder: string;
  /** The endpoint for doctor, if it is another, such as a proxy that records the calls. */
  readonly doctorEndpoint?: string;
}

type Undo = () => Promise<unknown>;

/** A change that somebody makes outside Terraform. It returns the function that undoes it. */
export type Drift = (target: DriftTarget) => Promise<Undo>;

const REGION = "us-east-1";
const OTHER_ACCOUNT = "999999999999";

function clientOf<Client>(Class: new (config: object) => Client, { endpoint }: DriftTarget): Client {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return new Class({ endpoint, region: REGION, credentials, forcePathStyle: true });
}

const arn = ({ account }: DriftTarget, service: string, resource: string) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const DENY_ALL = { Effect: "Deny", Principal: "*", Action: "*", Resource: "*" };

/** Changes attributes of the queue `{name}-{queue}`. */
const queueDrift =
  (queue: string, change: (target: DriftTarget) => Record<string, string>): Drift =>
  async (target) => {
    const sqs = clientOf(SQSClient, target);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${target.name}-${queue}` }));
    const Attributes = change(target);
    const { Attributes: before = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    // moto forgets the policy when the redrive policy is removed.
    const old = [...Object.keys(Attributes), "Policy"].map((name) => [name, before[name as "Policy"] ?? ""]);
    return () => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: Object.fromEntries(old) }));
  };

/** Replaces the policy of the event queue. */
const queuePolicyDrift = (statement: (target: DriftTarget) => object): Drift =>
  queueDrift("events-queue", (target) => ({ Policy: policyOf(statement(target)) }));

const allowSns = (target: DriftTarget, change: object = {}) => ({
  Effect: "Allow",
  Principal: { Service: "sns.amazonaws.com" },
  Action: "sqs:SendMessage",
  Resource: arn(target, "sqs", `${target.name}-events-queue`),
  Condition: { ArnEquals: { "aws:SourceArn": arn(target, "sns", `${target.name}-events`) } },
  ...change,
});

/** Replaces an attribute of the topic `{name}-{topic}`. */
const topicDrift =
  (topic: string, AttributeName: string, value: (target: DriftTarget) => Promise<string> | string): Drift =>
  async (target) => {
    const sns = clientOf(SNSClient, target);
    const TopicArn = arn(target, "sns", `${target.name}-${topic}`);
    const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    const set = (AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
    await set(await value(target));
    return () => set(Attributes[AttributeName] ?? "");
  };

async function eventSubscription(target: DriftTarget) {
  const sns = clientOf(SNSClient, target);
  const TopicArn = arn(target, "sns", `${target.name}-events`);
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const found = Subscriptions.find(({ Endpoint }) => Endpoint?.endsWith("-events-queue"));
  const { SubscriptionArn, Endpoint, Protocol } = found ?? {};
  const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  return { sns, TopicArn, SubscriptionArn, Endpoint, Protocol, Attributes };
}

const subscriptionDrift =
  (AttributeName: string, value: string): Drift =>
  async (target) => {
    const { sns, SubscriptionArn, Attributes } = await eventSubscription(target);
    const set = (AttributeValue: string) =>
      sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    await set(value);
    return () => set(Attributes[AttributeName] ?? "");
  };

const mappingDrift =
  (
    change: Omit<UpdateEventSourceMappingCommandInput, "UUID">,
    undo: Omit<UpdateEventSourceMappingCommandInput, "UUID">,
  ): Drift =>
  async (target) => {
    const lambda = clientOf(LambdaClient, target);
    const EventSourceArn = arn(target, "sqs", `${target.name}-events-queue`);
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
    const UUID = EventSourceMappings[0]?.UUID;
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...change }));
    return () => lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...undo }));
  };

/** Adds an event source mapping from one of the pipeline's queues to a function. */
const newMapping =
  (queue: string, functionName: string): Drift =>
  async (target) => {
    const lambda = clientOf(LambdaClient, target);
    const EventSourceArn = arn(target, "sqs", `${target.name}-${queue}`);
    const FunctionName = `${target.name}-${functionName}`;
    const { UUID } = await lambda.send(new CreateEventSourceMappingCommand({ EventSourceArn, FunctionName }));
    return () => lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  };

const deletedRolePolicy =
  (role: string, PolicyName: string): Drift =>
  async (target) => {
    const iam = clientOf(IAMClient, target);
    const policy = { RoleName: `${target.name}-${role}`, PolicyName };
    const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand(policy));
    await iam.send(new DeleteRolePolicyCommand(policy));
    const document = decodeURIComponent(PolicyDocument);
    return () => iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: document }));
  };

async function managedPolicy(target: DriftTarget, statement: object): Promise<string> {
  const iam = clientOf(IAMClient, target);
  const PolicyName = `drift-${Math.random()}`;
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: policyOf(statement) }));
  return String(Policy?.Arn);
}

async function disabledKey(target: DriftTarget): Promise<string> {
  const kms = clientOf(KMSClient, target);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }));
  return String(KeyMetadata?.Arn);
}

const environmentDrift =
  (variables: (target: DriftTarget) => Record<string, string>): Drift =>
  async (target) => {
    const lambda = clientOf(LambdaClient, target);
    const FunctionName = `${target.name}-event-processor`;
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = Environment?.Variables ?? {};
    const set = (all: Record<string, string>) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: all } }));
    await set({ ...Variables, ...variables(target) });
    return () => set(Variables);
  };

/** Changes the alarm of the event processor's dead-letter queue. */
const alarmDrift =
  (change: Partial<PutMetricAlarmCommandInput>): Drift =>
  async (target) => {
    const cloudwatch = clientOf(CloudWatchClient, target);
    const AlarmNames = [`${target.name}-events-events-dlq-not-empty`];
    const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
    const { Metrics: _, ...alarm } = MetricAlarms[0] ?? {};
    await cloudwatch.send(new PutMetricAlarmCommand({ ...(alarm as PutMetricAlarmCommandInput), ...change }));
    return () => cloudwatch.send(new PutMetricAlarmCommand(alarm as PutMetricAlarmCommandInput));
  };

/** Changes by the text in the table of docs/operations.md. */
export const DRIFTS: Readonly<Record<string, Drift>> = {
  "the topic's policy denies `sns:Publish`": topicDrift("events", "Policy", () => policyOf(DENY_ALL)),
  "the topic's policy denies `sns:Publish` outside a VPC endpoint": topicDrift("events", "Policy", () =>
    policyOf({ ...DENY_ALL, Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } } }),
  ),
  "the key of the topic is disabled": topicDrift("events", "KmsMasterKeyId", disabledKey),
  "another subscription delivers to the dead-letter queue": async (target) => {
    const sns = clientOf(SNSClient, target);
    const TopicArn = arn(target, "sns", `${target.name}-events`);
    const Endpoint = arn(target, "sqs", `${target.name}-events-dlq`);
    const { SubscriptionArn } = await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    return () => sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  },
  "the subscription is deleted": async (target) => {
    const { sns, TopicArn, SubscriptionArn, Endpoint, Protocol, Attributes } = await eventSubscription(target);
    const { RedrivePolicy = "", RawMessageDelivery = "false" } = Attributes;
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const attributes = { RedrivePolicy, RawMessageDelivery };
    return () => sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes: attributes }));
  },
  "the subscription has another filter policy": subscriptionDrift("FilterPolicy", '{"severity":["high"]}'),
  "raw message delivery is enabled": subscriptionDrift("RawMessageDelivery", "true"),
  "the subscription has no dead-letter queue": subscriptionDrift("RedrivePolicy", ""),
  "the queue has no policy": queueDrift("events-queue", () => ({ Policy: "" })),
  "the queue's policy denies everything": queuePolicyDrift(() => DENY_ALL),
  "the queue's policy allows the topic of another account": queuePolicyDrift((target) =>
    allowSns(target, {
      Condition: {
        ArnEquals: { "aws:SourceArn": arn({ ...target, account: OTHER_ACCOUNT }, "sns", `${target.name}-events`) },
      },
    }),
  ),
  "the queue's policy allows an action other than `sqs:SendMessage`": queuePolicyDrift((target) =>
    allowSns(target, { Action: "sqs:ReceiveMessage" }),
  ),
  "the queue has a key that SNS may not use": async (target) => {
    const { KeyMetadata } = await clientOf(KMSClient, target).send(new CreateKeyCommand({}));
    return queueDrift("events-queue", () => ({ KmsMasterKeyId: String(KeyMetadata?.Arn) }))(target);
  },
  "the undelivered queue has no policy": queueDrift("events-undelivered", () => ({ Policy: "" })),
  "the queue has no redrive policy": queueDrift("events-queue", () => ({ RedrivePolicy: "" })),
  "`maxReceiveCount` is another": queueDrift("events-queue", (target) => ({
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: arn(target, "sqs", `${target.name}-events-dlq`),
      maxReceiveCount: 1,
    }),
  })),
  "the visibility timeout is shorter than the function's timeout": queueDrift("events-queue", () => ({
    VisibilityTimeout: "5",
  })),
  "the queue's policy denies `sqs:ReceiveMessage` to the role": queueDrift("events-queue", (target) => ({
    Policy: policyOf(allowSns(target), { ...DENY_ALL, Action: "sqs:ReceiveMessage" }),
  })),
  "the dead-letter queue is deleted": async (target) => {
    const sqs = clientOf(SQSClient, target);
    const QueueName = `${target.name}-events-dlq`;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    return () => sqs.send(new CreateQueueCommand({ QueueName }));
  },
  "the dead-letter queue's policy denies `sqs:SendMessage`": queueDrift("events-dlq", () => ({
    Policy: policyOf(DENY_ALL),
  })),
  "a function receives from the dead-letter queue": newMapping("events-dlq", "alerts-processor"),
  "the mapping is disabled": mappingDrift({ Enabled: false }, { Enabled: true }),
  "the mapping has a filter": mappingDrift(
    { FilterCriteria: { Filters: [{ Pattern: '{"body":{"type":["a"]}}' }] } },
    { FilterCriteria: {} },
  ),
  "`ReportBatchItemFailures` is off": mappingDrift(
    { FunctionResponseTypes: [] },
    { FunctionResponseTypes: ["ReportBatchItemFailures"] },
  ),
  "another function receives from the queue": newMapping("events-queue", "alerts-processor"),
  "the role's policies are deleted": deletedRolePolicy("event-processor", "consume-queue"),
  "the role may not be assumed by Lambda": async (target) => {
    const iam = clientOf(IAMClient, target);
    const RoleName = `${target.name}-event-processor`;
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    const set = (PolicyDocument: string) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    await set(policyOf({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }));
    return () => set(decodeURIComponent(String(Role?.AssumeRolePolicyDocument)));
  },
  "a policy that denies `sqs:*` is attached to the role": async (target) => {
    const iam = clientOf(IAMClient, target);
    const PolicyArn = await managedPolicy(target, { Effect: "Deny", Action: "sqs:*", Resource: "*" });
    const RoleName = `${target.name}-event-processor`;
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    return () => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  },
  "the role has a permissions boundary without DynamoDB": async (target) => {
    const iam = clientOf(IAMClient, target);
    const Action = ["sqs:*", "logs:*"];
    const PermissionsBoundary = await managedPolicy(target, { Effect: "Allow", Action, Resource: "*" });
    const RoleName = `${target.name}-event-processor`;
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    return () => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  },
  "the function has another role": async (target) => {
    const lambda = clientOf(LambdaClient, target);
    const FunctionName = `${target.name}-event-processor`;
    const set = (role: string) =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName, Role: `arn:aws:iam::${target.account}:role/${role}` }),
      );
    await set(`${target.name}-alerts-processor`);
    return () => set(`${target.name}-event-processor`);
  },
  "the reserved concurrency is 0": async (target) => {
    const lambda = clientOf(LambdaClient, target);
    const FunctionName = `${target.name}-event-processor`;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    return () => lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  },
  "`DEAD_LETTER_QUEUE_URL` is of another account": environmentDrift(({ name }) => ({
    DEAD_LETTER_QUEUE_URL: `https://sqs.${REGION}.amazonaws.com/${OTHER_ACCOUNT}/${name}-events-dlq`,
  })),
  "`TABLE_NAME` is another table": environmentDrift(() => ({ TABLE_NAME: "other" })),
  "the function's log group is deleted": async (target) => {
    const logs = clientOf(CloudWatchLogsClient, target);
    const logGroupName = `/aws/lambda/${target.name}-event-processor`;
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    return () => logs.send(new CreateLogGroupCommand({ logGroupName }));
  },
  "the time to live is disabled": async (target) => {
    const dynamodb = clientOf(DynamoDBClient, target);
    const set = (Enabled: boolean) =>
      dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName: `${target.name}-events`,
          TimeToLiveSpecification: { Enabled, AttributeName: "expires_at" },
        }),
      );
    await set(false);
    return () => set(true);
  },
  "the table's policy denies `dynamodb:BatchWriteItem`": async (target) => {
    const dynamodb = clientOf(DynamoDBClient, target);
    const ResourceArn = arn(target, "dynamodb", `table/${target.name}-events`);
    await dynamodb.send(new PutResourcePolicyCommand({ ResourceArn, Policy: policyOf(DENY_ALL) }));
    return () => dynamodb.send(new DeleteResourcePolicyCommand({ ResourceArn }));
  },
  "the table has other keys": async (target) => {
    const dynamodb = clientOf(DynamoDBClient, target);
    const TableName = `${target.name}-events`;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const recreate = async (hash: string, range: string) => {
      await dynamodb.send(new DeleteTableCommand({ TableName }));
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [hash, range].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
          KeySchema: [
            { AttributeName: hash, KeyType: "HASH" },
            { AttributeName: range, KeyType: "RANGE" },
          ],
        }),
      );
    };
    await recreate("id", "time");
    return async () => {
      const [hash = "", range = ""] = Table?.KeySchema?.map(({ AttributeName }) => AttributeName) ?? [];
      await recreate(String(hash), String(range));
      const TimeToLiveSpecification = { Enabled: true, AttributeName: "expires_at" };
      await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    };
  },
  "the policies of the subscription's role are deleted": deletedRolePolicy("events-raw-subscription", "put-to-stream"),
  "the policies of the stream's role are deleted": deletedRolePolicy("events-raw-stream", "write-to-bucket"),
  "the stream has another prefix": async (target) => {
    const firehose = clientOf(FirehoseClient, target);
    const DeliveryStreamName = `${target.name}-events-raw`;
    const set = async (Prefix: string | undefined) => {
      const described = await firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
      const { VersionId, Destinations = [] } = described.DeliveryStreamDescription ?? {};
      const [{ DestinationId, ExtendedS3DestinationDescription: before } = {}] = Destinations;
      const which = { DeliveryStreamName, DestinationId, CurrentDeliveryStreamVersionId: VersionId };
      await firehose.send(new UpdateDestinationCommand({ ...which, ExtendedS3DestinationUpdate: { Prefix } }));
      return before?.Prefix;
    };
    const before = await set("elsewhere/");
    return () => set(before);
  },
  "the bucket's policy denies `s3:PutObject`": async (target) => {
    const s3 = clientOf(S3Client, target);
    const Bucket = `${target.name}-events-raw`;
    const deny = { ...DENY_ALL, Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/*` };
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policyOf(deny) }));
    return () => s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  },
  "the bucket is deleted": async (target) => {
    const s3 = clientOf(S3Client, target);
    const Bucket = `${target.name}-events-raw`;
    // An applied stack with contracts has put an object into the bucket.
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    for (const { Key, VersionId } of Versions) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    return () => s3.send(new CreateBucketCommand({ Bucket }));
  },
  "an alarm's actions are disabled": alarmDrift({ ActionsEnabled: false }),
  "an alarm has no actions": alarmDrift({ AlarmActions: [] }),
  "an alarm's comparison is reversed": alarmDrift({ ComparisonOperator: "LessThanThreshold" }),
  "an alarm has another dimension": alarmDrift({ Dimensions: [{ Name: "QueueName", Value: "other" }] }),
  "an alarm is deleted": async (target) => {
    const undo = await alarmDrift({})(target);
    const AlarmNames = [`${target.name}-events-events-dlq-not-empty`];
    await clientOf(CloudWatchClient, target).send(new DeleteAlarmsCommand({ AlarmNames }));
    return undo;
  },
  "the alarm topic's policy does not allow CloudWatch": topicDrift("events-alarms", "Policy", () =>
    policyOf({ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sns:Publish", Resource: "*" }),
  ),
  "the function's code is replaced": async (target) => {
    const lambda = clientOf(LambdaClient, target);
    const FunctionName = `${target.name}-event-processor`;
    const set = (ZipFile: Uint8Array) => lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    await set(readFileSync(join(target.folder, "alerts-processor.zip")));
    return () => set(readFileSync(join(target.folder, "event-processor.zip")));
  },
};

/** A row of the table in docs/operations.md. */
export interface DocumentedDrift {
  readonly drift: string;
  /** The hop that doctor names. */
  readonly hop: string;
  readonly exitCode: number;
  /** True if the local run has the resource. */
  readonly isLocal: boolean;
}

export function documentedDrifts(): DocumentedDrift[] {
  const rows = readFileSync("docs/operations.md", "utf8").matchAll(
    /^\| (.+?) \| ([a-z -]+) \| ([13]) \| (AWS|AWS, local run) \|$/gm,
  );
  return [...rows].map(([, drift = "", hop = "", exitCode, where = ""]) => ({
    drift,
    hop,
    exitCode: Number(exitCode),
    isLocal: where.includes("local run"),
  }));
}

/**
 * Makes the drift, runs doctor, and undoes the drift.
 *
 * @returns the exit code, and the hops that have a finding with a fix
 */
export async function seenByDoctor(
  drift: string,
  target: DriftTarget,
): Promise<{ code: number | null; hops: string[] }> {
  const change = DRIFTS[drift];
  if (!change) throw new Error(`drifts.ts does not make the drift of docs/operations.md: ${drift}`);
  const undo = await change(target);
  try {
    const ran = await runDoctor(target);
    const kinds = ran.code === 3 ? ["unknown"] : ["missing", "wrong"];
    const found = (records(ran) as ResourceRecord[]).filter(
      ({ kind, findings }) => kind === "resource" && findings.some(({ what, fix }) => kinds.includes(what) && fix),
    );
    return { code: ran.code, hops: found.map(({ hop }) => hop) };
  } finally {
    await undo();
  }
}

interface ResourceRecord {
  readonly kind: string;
  readonly hop: string;
  readonly findings: readonly { readonly what: string; readonly fix?: string }[];
}

/** Runs doctor, and checks that each of its fixes can be pasted. */
export async function runDoctor({
  endpoint,
  doctorEndpoint = endpoint,
  name,
  folder,
}: DriftTarget): Promise<CommandResult> {
  const args = [
    "--json",
    "--local",
    "--endpoint-url",
    doctorEndpoint,
    "--name",
    name,
    "--region",
    REGION,
    "--stack-folder",
    folder,
  ];
  const ran = await runCli(["doctor", ...args]);
  const fixes = records(ran).flatMap(({ findings = [] }) => (findings as { fix?: string }[]).map(({ fix }) => fix));
  for (const fix of new Set(fixes)) if (fix !== undefined) checkFix(fix);
  return ran;
}

/** Matches a line with a command, which may follow words and a colon. */
const COMMAND_LINE = /^(?:[A-Z].*?: )?((?:[A-Z_]+=\S+ )*(?:cd|env|npm|npx|aws)\b.*)$/;

/** @throws Error if a line of the fix is neither a sentence nor a command that a shell understands. */
function checkFix(fix: string): void {
  for (const line of fix.split("\n")) {
    const [, command] = COMMAND_LINE.exec(line) ?? [];
    const isSentence = /^[A-Z].*\.$/.test(line) && !/\b(npm run|npx|aws) /.test(line);
    const isCommand = command !== undefined && !/[.,;]( |$)| [A-Z]+$/.test(command);
    if (!isSentence && !isCommand) throw new Error(`This line of a fix is neither a sentence nor a command: ${line}`);
    if (command !== undefined) execFileSync("sh", ["-n", "-c", command]);
  }
}
