import {
  at,
  EXAMPLE_EVENTS,
  type Synthesized,
  stageWith,
  synthStack,
  synthStackText,
} from "@event-pipeline/testing/synthesized";
import { allowedValues, parseVariable } from "../../../stacks/options/option-schemas";
import { readContext } from "../../../stacks/options/read-context";
import { readStage } from "../../../stacks/options/read-stage";
import { type GivenStageOptions, STAGE_SHAPE, type StageOptions } from "../../../stacks/options/stage-options";

const KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const FORMER_KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/66666666-7777-8888-9999-000000000000";
const ALARM_ARN = "arn:aws:sns:eu-central-1:123456789012:on-call";

interface Case {
  readonly variable: string;
  /** The environment variable's value. */
  readonly text: string;
  /** Other options that this option requires. */
  readonly also?: GivenStageOptions;
  /** Options in the same group are synthesized together. */
  readonly group?: "created key" | "timeout" | "others" | "no monitoring" | "contracts";
  /** Returns a truthy value if the JSON contains the option's value. */
  readonly reached: (stack: Synthesized, text: string) => unknown;
  readonly bad: unknown;
}

const fn = (stack: Synthesized) => at(stack, "aws_lambda_function.event_processor");
const queue = (stack: Synthesized) => at(stack, "aws_sqs_queue.events");
const mapping = (stack: Synthesized) => at(stack, "aws_lambda_event_source_mapping.event_processor");
const archiveRule = (stack: Synthesized) =>
  JSON.stringify((at(stack, "aws_s3_bucket_lifecycle_configuration.events_raw").rule as { id: string }[])[0]);
const bufferingInterval = (stack: Synthesized) => {
  const stream = at(stack, "aws_kinesis_firehose_delivery_stream.events_raw");
  return (stream.extended_s3_configuration as { buffering_interval: number }).buffering_interval;
};
const published = (stack: Synthesized) => String(at(stack, "aws_sns_topic_policy.events").policy);
const roles = ({ resource }: Synthesized) => Object.values(resource.aws_iam_role ?? {});
const terraform = (text: string) => JSON.parse(text).terraform;
const backendHas = ({ terraform: { backend } }: Synthesized, text: string) => JSON.stringify(backend).includes(text);

/** The type requires a case for every option. */
const CASES: Readonly<Record<keyof StageOptions, Case>> = {
  name: {
    variable: "NAME",
    text: "alice",
    reached: ({ variable }) => variable.name?.default === "alice",
    bad: "Alice_",
  },
  region: {
    variable: "REGION",
    text: "eu-central-1",
    reached: ({ provider }) => provider.aws?.[0]?.region === "eu-central-1",
    bad: "Frankfurt",
  },
  strictTypes: {
    variable: "STRICT_TYPES",
    text: "true",
    group: "contracts",
    reached: (stack) => String(at(stack, "aws_s3_object.event_contracts").content).includes('"strictTypes":true'),
    bad: "yes",
  },
  eventTtlDays: {
    variable: "EVENT_TTL_DAYS",
    text: "0",
    reached: (stack) =>
      (fn(stack).environment as { variables: Record<string, string> }).variables.EVENT_TTL_DAYS === "0",
    bad: -1,
  },
  batchSize: { variable: "BATCH_SIZE", text: "7", reached: (stack) => mapping(stack).batch_size === 7, bad: 10_001 },
  batchWindowSeconds: {
    variable: "BATCH_WINDOW_SECONDS",
    text: "5",
    group: "others",
    reached: (stack) =>
      mapping(stack).maximum_batching_window_in_seconds === 5 && queue(stack).visibility_timeout_seconds === 65,
    bad: 301,
  },
  timeoutSeconds: {
    variable: "TIMEOUT_SECONDS",
    text: "20",
    group: "timeout",
    reached: (stack) => fn(stack).timeout === 20 && queue(stack).visibility_timeout_seconds === 120,
    bad: 901,
  },
  memorySizeMiB: {
    variable: "MEMORY_SIZE_MIB",
    text: "1024",
    reached: (stack) => fn(stack).memory_size === 1024,
    bad: 64,
  },
  architecture: {
    variable: "ARCHITECTURE",
    text: "x86_64",
    group: "others",
    reached: (stack) => JSON.stringify(fn(stack).architectures) === '["x86_64"]',
    bad: "amd64",
  },
  maxConcurrency: {
    variable: "MAX_CONCURRENCY",
    text: "2",
    group: "others",
    reached: (stack) => (mapping(stack).scaling_config as { maximum_concurrency: number }).maximum_concurrency === 2,
    bad: 1,
  },
  reservedConcurrency: {
    variable: "RESERVED_CONCURRENCY",
    text: "20",
    reached: (stack) =>
      fn(stack).reserved_concurrent_executions === 20 &&
      (mapping(stack).scaling_config as { maximum_concurrency: number }).maximum_concurrency === 20,
    bad: 1,
  },
  maxReceiveCount: {
    variable: "MAX_RECEIVE_COUNT",
    text: "5",
    reached: (stack) => String(queue(stack).redrive_policy).includes('"maxReceiveCount":5'),
    bad: 0,
  },
  visibilityTimeoutSeconds: {
    variable: "VISIBILITY_TIMEOUT_SECONDS",
    text: "90",
    reached: (stack) => queue(stack).visibility_timeout_seconds === 90,
    bad: 43_201,
  },
  queueRetentionDays: {
    variable: "QUEUE_RETENTION_DAYS",
    text: "2",
    reached: (stack) => queue(stack).message_retention_seconds === 2 * 86_400,
    bad: 0.5,
  },
  deadLetterRetentionDays: {
    variable: "DEAD_LETTER_RETENTION_DAYS",
    text: "10",
    reached: (stack) => at(stack, "aws_sqs_queue.events_dlq").message_retention_seconds === 10 * 86_400,
    bad: 15,
  },
  logEachRecord: {
    variable: "LOG_EACH_RECORD",
    text: "false",
    reached: (stack) =>
      (fn(stack).environment as { variables: Record<string, string> }).variables.LOG_RECORDS === "false",
    bad: "no",
  },
  logRetentionDays: {
    variable: "LOG_RETENTION_DAYS",
    text: "30",
    reached: (stack) => at(stack, "aws_cloudwatch_log_group.event_processor").retention_in_days === 30,
    bad: 31,
  },
  filterPolicy: {
    variable: "FILTER_POLICY",
    text: '{"severity":["high"]}',
    reached: (stack, text) => at(stack, "aws_sns_topic_subscription.sqs").filter_policy === text,
    bad: "severity",
  },
  filterPolicyScope: {
    variable: "FILTER_POLICY_SCOPE",
    text: "MessageBody",
    also: { filterPolicy: { severity: ["high"] } },
    reached: (stack, text) => at(stack, "aws_sns_topic_subscription.sqs").filter_policy_scope === text,
    bad: "Body",
  },
  kmsKey: {
    variable: "KMS_KEY",
    text: KEY_ARN,
    also: { region: "eu-central-1" },
    reached: (stack, text) => at(stack, "aws_sns_topic.events").kms_master_key_id === text,
    bad: "alias/aws/sqs",
  },
  formerKmsKeys: {
    variable: "FORMER_KMS_KEYS",
    text: FORMER_KEY_ARN,
    also: { region: "eu-central-1" },
    reached: (stack, text) =>
      ["event_processor_key", "firehose_s3_key"].every((name) =>
        String(at(stack, `aws_iam_role_policy.${name}`).policy).includes(text),
      ),
    bad: "create",
  },
  encryptLogs: {
    variable: "ENCRYPT_LOGS",
    text: "true",
    also: { kmsKey: "create" },
    group: "created key",
    reached: (stack) =>
      ["event_processor", "events_raw"].every(
        (name) => at(stack, `aws_cloudwatch_log_group.${name}`).kms_key_id === "${aws_kms_key.events.arn}",
      ),
    bad: "logs",
  },
  publisherAccounts: {
    variable: "PUBLISHER_ACCOUNTS",
    text: "123456789012,210987654321",
    reached: (stack) => published(stack).includes('"AWS":["123456789012","210987654321"]},"Action":"sns:Publish"'),
    bad: ["12345678901"],
  },
  publisherOrganization: {
    variable: "PUBLISHER_ORGANIZATION",
    text: "o-a1b2c3d4e5",
    reached: (stack, text) => published(stack).includes(`"aws:PrincipalOrgID":"${text}"`),
    bad: "a1b2c3d4e5",
  },
  publisherServices: {
    variable: "PUBLISHER_SERVICES",
    text: "events.amazonaws.com,s3.amazonaws.com",
    reached: (stack) =>
      published(stack).includes('"Service":["events.amazonaws.com"]') &&
      published(stack).includes('"Service":["s3.amazonaws.com"]'),
    bad: ["events"],
  },
  alarmEmail: {
    variable: "ALARM_EMAIL",
    text: "ops@example.com",
    reached: (stack, text) => at(stack, "aws_sns_topic_subscription.alarms").endpoint === text,
    bad: "ops",
  },
  alarmTopicArn: {
    variable: "ALARM_TOPIC_ARN",
    text: ALARM_ARN,
    also: { region: "eu-central-1" },
    group: "others",
    reached: (stack, text) =>
      at(stack, "aws_cloudwatch_metric_alarm.events_dlq_not_empty").alarm_actions?.toString() === text &&
      stack.resource.aws_sns_topic?.alarms === undefined,
    bad: "on-call",
  },
  oldestMessageAlarmSeconds: {
    variable: "OLDEST_MESSAGE_ALARM_SECONDS",
    text: "900",
    reached: (stack) => at(stack, "aws_cloudwatch_metric_alarm.events_oldest_message").threshold === 900,
    bad: 59,
  },
  errorsAlarmCount: {
    variable: "ERRORS_ALARM_COUNT",
    text: "3",
    reached: (stack) => at(stack, "aws_cloudwatch_metric_alarm.events_function_errors").threshold === 3,
    bad: -1,
  },
  throttlesAlarmCount: {
    variable: "THROTTLES_ALARM_COUNT",
    text: "4",
    reached: (stack) => at(stack, "aws_cloudwatch_metric_alarm.events_function_throttles").threshold === 4,
    bad: 0.5,
  },
  writeThrottlesAlarmCount: {
    variable: "WRITE_THROTTLES_ALARM_COUNT",
    text: "100",
    reached: (stack) => at(stack, "aws_cloudwatch_metric_alarm.table_write_throttles").threshold === 100,
    bad: "many",
  },
  archiveFreshnessAlarmSeconds: {
    variable: "ARCHIVE_FRESHNESS_ALARM_SECONDS",
    text: "1200",
    reached: (stack) => at(stack, "aws_cloudwatch_metric_alarm.archive_freshness").threshold === 1_200,
    bad: 59,
  },
  deliveryStatusLogging: {
    variable: "DELIVERY_STATUS_LOGGING",
    text: "true",
    also: { region: "eu-central-1" },
    reached: (stack) =>
      at(stack, "aws_sns_topic.events").sqs_failure_feedback_role_arn === "${aws_iam_role.sns_logs.arn}" &&
      at(stack, "aws_sns_topic.events").firehose_success_feedback_sample_rate === 100 &&
      at(stack, "aws_cloudwatch_log_group.sns_failed_deliveries").name ===
        "sns/eu-central-1/${data.aws_caller_identity.current.account_id}/${var.name}-events/Failure",
    bad: "some",
  },
  deliveryStatusSampleRatePercent: {
    variable: "DELIVERY_STATUS_SAMPLE_RATE_PERCENT",
    text: "5",
    also: { deliveryStatusLogging: true },
    group: "others",
    reached: (stack) => at(stack, "aws_sns_topic.events").sqs_success_feedback_sample_rate === 5,
    bad: 101,
  },
  eventIdIndex: {
    variable: "EVENT_ID_INDEX",
    text: "true",
    reached: (stack) => {
      const { attribute, global_secondary_index } = at(stack, "aws_dynamodb_table.events");
      expect(attribute).toContainEqual({ name: "event_id", type: "S" });
      return (
        JSON.stringify(global_secondary_index) ===
        '[{"hash_key":"event_id","name":"event-id","projection_type":"KEYS_ONLY"}]'
      );
    },
    bad: "id",
  },
  okActions: {
    variable: "OK_ACTIONS",
    text: "true",
    reached: (stack) => at(stack, "aws_cloudwatch_metric_alarm.events_dlq_not_empty").ok_actions !== undefined,
    bad: "ok",
  },
  monitoring: {
    variable: "MONITORING",
    text: "false",
    group: "no monitoring",
    reached: ({ resource }) => !resource.aws_cloudwatch_metric_alarm && !resource.aws_cloudwatch_dashboard,
    bad: "off",
  },
  tracing: {
    variable: "TRACING",
    text: "true",
    reached: (stack) => (fn(stack).tracing_config as { mode: string }).mode === "Active",
    bad: "yes",
  },
  createXRayPolicy: {
    variable: "CREATE_X_RAY_POLICY",
    text: "false",
    also: { tracing: true },
    reached: (stack) =>
      at(stack, "aws_sns_topic.events").tracing_config === "Active" &&
      stack.resource.aws_xray_resource_policy === undefined,
    bad: "no",
  },
  retainData: {
    variable: "RETAIN_DATA",
    text: "false",
    reached: (stack) =>
      at(stack, "aws_s3_bucket.events_raw").force_destroy === true &&
      at(stack, "aws_dynamodb_table.events").deletion_protection_enabled === false,
    bad: 1,
  },
  rawBucketName: {
    variable: "RAW_BUCKET_NAME",
    text: "acme-events",
    reached: (stack, text) => at(stack, "aws_s3_bucket.events_raw").bucket === text,
    bad: "Acme_Events",
  },
  archiveBufferSeconds: {
    variable: "ARCHIVE_BUFFER_SECONDS",
    text: "60",
    reached: (stack) => bufferingInterval(stack) === 60,
    bad: 901,
  },
  archiveStandardIaDays: {
    variable: "ARCHIVE_STANDARD_IA_DAYS",
    text: "45",
    reached: (stack) => archiveRule(stack).includes('{"days":45,"storage_class":"STANDARD_IA"}'),
    bad: 29,
  },
  archiveGlacierDays: {
    variable: "ARCHIVE_GLACIER_DAYS",
    text: "0",
    reached: (stack) => !archiveRule(stack).includes("GLACIER"),
    bad: -1,
  },
  archiveExpiryDays: {
    variable: "ARCHIVE_EXPIRY_DAYS",
    text: "400",
    reached: (stack) => archiveRule(stack).includes('"expiration":[{"days":400}]'),
    bad: 0.5,
  },
  tags: {
    variable: "TAGS",
    text: '{"Team":"events"}',
    reached: (stack, text) =>
      JSON.stringify(stack.provider.aws?.[0]?.default_tags) === `[{"tags":${text}}]` &&
      at(stack, "aws_sns_topic.events").tags === undefined,
    bad: { "aws:Team": "events" },
  },
  rolePath: {
    variable: "ROLE_PATH",
    text: "/teams/events/",
    reached: (stack, text) => roles(stack).every(({ path }) => path === text),
    bad: "teams",
  },
  permissionsBoundary: {
    variable: "PERMISSIONS_BOUNDARY",
    text: "arn:aws:iam::123456789012:policy/boundary",
    reached: (stack, text) => roles(stack).every(({ permissions_boundary }) => permissions_boundary === text),
    bad: "boundary",
  },
  assumeRoleArn: {
    variable: "ASSUME_ROLE_ARN",
    text: "arn:aws:iam::123456789012:role/teams/deploy",
    reached: ({ provider }, text) => JSON.stringify(provider.aws?.[0]?.assume_role) === `[{"role_arn":"${text}"}]`,
    bad: "deploy",
  },
  allowedAccountIds: {
    variable: "ALLOWED_ACCOUNT_IDS",
    text: "123456789012,210987654321",
    reached: ({ provider }, text) => String(provider.aws?.[0]?.allowed_account_ids) === text,
    bad: [123_456_789_012],
  },
  emulator: {
    variable: "EMULATOR",
    text: "true",
    reached: ({ provider }) => provider.aws?.[0]?.s3_use_path_style === true,
    bad: "ministack",
  },
  awsProviderVersion: {
    variable: "AWS_PROVIDER_VERSION",
    text: "6.66.0",
    reached: ({ terraform: { required_providers } }, text) => JSON.stringify(required_providers).includes(`"${text}"`),
    bad: "~> 6.66",
  },
  stateBucket: {
    variable: "STATE_BUCKET",
    text: "team-state",
    also: { name: "alice" },
    reached: backendHas,
    bad: "Team_State",
  },
  stateRegion: {
    variable: "STATE_REGION",
    text: "eu-west-1",
    also: { name: "alice", stateBucket: "team-state" },
    reached: backendHas,
    bad: "Ireland",
  },
};

const ALL = Object.entries(CASES) as [keyof StageOptions, Case][];

function read(options: object, environment: NodeJS.ProcessEnv = {}) {
  return readStage({ stage: "prod", stages: { prod: { ...options }, dev: {} } }, environment);
}

const stacks = new Map<Case["group"], Synthesized>();

/** Returns a stack with all options of a group, synthesized once. */
function stackOf(group: Case["group"]): Synthesized {
  const cases = ALL.map(([, each]) => each).filter((each) => each.group === group);
  const also = Object.assign({}, ...cases.map((each) => each.also));
  const environment = Object.fromEntries(cases.map(({ variable, text }) => [`EVENT_PIPELINE_${variable}`, text]));
  const stack =
    stacks.get(group) ??
    synthStack({ stage: read(also, environment), ...(group === "contracts" && { eventsFolder: EXAMPLE_EVENTS }) });
  stacks.set(group, stack);
  return stack;
}

const defaultStack = synthStack();

test.each(ALL)("sets %s in the JSON from an environment variable", (_, { text, group, reached }) => {
  expect(reached(stackOf(group), text)).toBeTruthy();
  expect(isReachedByDefault(text, reached)).toBe(false);
});

function isReachedByDefault(text: string, reached: Case["reached"]): boolean {
  try {
    return Boolean(reached(defaultStack, text));
  } catch {
    return false;
  }
}

test.each(ALL)("reads %s from cdktf.json like from an environment variable", (key, { variable, text, also }) => {
  const fromEnvironment = read(also ?? {}, { [`EVENT_PIPELINE_${variable}`]: text });
  const fromContext = read({ ...also, [key]: parseVariable(STAGE_SHAPE[key], text) });
  expect(fromContext).toEqual(fromEnvironment);
});

test.each(ALL)("rejects an invalid %s, and shows its value and the allowed values", (key, { also, bad }) => {
  const message = `${key} ${JSON.stringify(bad)}: expected ${allowedValues(STAGE_SHAPE[key])}`;
  expect(() => read({ ...also, [key]: bad })).toThrow(message);
});

test("keeps each stage's state in a local file, or in S3 with a lock file", () => {
  expect(terraform(synthStackText({ stage: read({}) })).backend).toEqual({
    local: { path: "../../../terraform.event-pipeline.prod.tfstate" },
  });
  const stage = read({ name: "alice", stateBucket: "team-state", stateRegion: "eu-west-1" });
  expect(terraform(synthStackText({ stage })).backend.s3).toMatchObject({
    bucket: "team-state",
    key: "event-pipeline/alice/prod/terraform.tfstate",
    region: "eu-west-1",
    encrypt: true,
    use_lockfile: true,
  });
});

test.each([
  [{}, ">= 1.7"],
  [{ name: "alice", stateBucket: "team-state" }, ">= 1.10"],
])("with %j, requires Terraform %s", (options, version) => {
  expect(terraform(synthStackText({ stage: read(options) })).required_version).toBe(version);
});

test("requires Terraform's variable `name` to equal the option `name`", () => {
  const { name } = synthStack({ stage: stageWith({ name: "alice" }) }).variable;
  expect(name).toMatchObject({
    default: "alice",
    validation: expect.arrayContaining([
      {
        condition: '${can(regex("^alice$", var.name))}',
        error_message: expect.stringContaining("option name is alice"),
      },
    ]),
  });
  expect(synthStack().variable.name?.default).toBeUndefined();
});

test("adds no lifecycle rule for events if archived objects never move or expire", () => {
  const stage = stageWith({ archiveStandardIaDays: 0, archiveGlacierDays: 0 });
  const { rule } = at(synthStack({ stage }), "aws_s3_bucket_lifecycle_configuration.events_raw");
  expect((rule as { id: string }[]).map(({ id }) => id)).toEqual(["expire-errors", "clean-up"]);
});

test("raises the archive's alarm five minutes after the end of the buffering interval", () => {
  const stack = synthStack({ stage: stageWith({ archiveBufferSeconds: 900 }) });
  expect(at(stack, "aws_cloudwatch_metric_alarm.archive_freshness").threshold).toBe(1_200);
});

test("rejects an unknown variable and lists the known ones", () => {
  expect(() => read({}, { EVENT_PIPELINE_BATCHSIZE: "5" })).toThrow(
    /EVENT_PIPELINE_BATCHSIZE.*EVENT_PIPELINE_BATCH_SIZE/,
  );
});

test.each([
  ["idIndex", "eventIdIndex", "ID_INDEX", "EVENT_ID_INDEX"],
  ["logRecords", "logEachRecord", "LOG_RECORDS", "LOG_EACH_RECORD"],
  ["tracingPolicy", "createXRayPolicy", "TRACING_POLICY", "CREATE_X_RAY_POLICY"],
])("rejects the former option %s and names its new name, %s", (former, option, formerVariable, variable) => {
  expect(() => read({ [former]: true })).toThrow(new RegExp(`${former} .* ${option}\\.`));
  expect(() => read({}, { [`EVENT_PIPELINE_${formerVariable}`]: "true" })).toThrow(
    new RegExp(`EVENT_PIPELINE_${formerVariable} .*EVENT_PIPELINE_${variable}\\.`),
  );
});

test("rejects an unknown stage and lists the known ones", () => {
  expect(() => read({}, { EVENT_PIPELINE_STAGE: "staging" })).toThrow(/"staging".*prod, dev/);
});

test("selects the stage and overrides its options from the environment", () => {
  const context = { stage: "dev", stages: { dev: {}, prod: { memorySizeMiB: 1024, timeoutSeconds: 20 } } };
  const stage = readStage(context, { EVENT_PIPELINE_STAGE: "prod", EVENT_PIPELINE_TIMEOUT_SECONDS: "5" });
  expect(stage).toMatchObject({ name: "prod", options: { memorySizeMiB: 1024, timeoutSeconds: 5 } });
});

test.each([
  ["dev", 3, false],
  ["prod", 5, true],
])("cdktf.json sets maxReceiveCount and retainData of %s to %i and %s", (name, maxReceiveCount, retainData) => {
  const stage = readStage(readContext("cdktf.json"), { EVENT_PIPELINE_STAGE: name });
  expect(stage.options).toMatchObject({ maxReceiveCount, retainData });
});

test("accepts a batch of more than 10 messages with a window", () => {
  const stage = stageWith({ batchSize: 100, batchWindowSeconds: 1 });
  expect(mapping(synthStack({ stage }))).toMatchObject({ batch_size: 100, maximum_batching_window_in_seconds: 1 });
});

test.each([
  ['{"severity":"high"}', /filterPolicy .*"severity".*"high"/],
  ["{}", /filterPolicy \{\}/],
  ['{"severity":[]}', /filterPolicy .*"severity"/],
  ["severity", /filterPolicy "severity"/],
])("rejects the filter policy %s", (text, message) => {
  expect(() => read({}, { EVENT_PIPELINE_FILTER_POLICY: text })).toThrow(message);
});

test.each(["../../x", "Dev", "a--b", "", "a/b", "a".repeat(31)])("rejects the stage name %j", (stage) => {
  expect(() => readStage({ stage, stages: { [stage]: {} } }, {})).toThrow(/Invalid stage/);
});

test("escapes Terraform expressions in options", () => {
  const stage = stageWith({
    filterPolicy: { text: ["${var.name}", "%{if true}"] },
    alarmEmail: "${var.name}@example.com",
  });
  expect(at(synthStack({ stage }), "aws_sns_topic_subscription.sqs").filter_policy).toBe(
    '{"text":["$${var.name}","%%{if true}"]}',
  );
  expect(at(synthStack({ stage }), "aws_sns_topic_subscription.alarms").endpoint).toBe("$${var.name}@example.com");
});

test("accepts a nested filter policy for the body", () => {
  const environment = {
    EVENT_PIPELINE_FILTER_POLICY: '{"data":{"severity":["high"]}}',
    EVENT_PIPELINE_FILTER_POLICY_SCOPE: "MessageBody",
  };
  expect(read({}, environment).options.filterPolicy).toEqual({ data: { severity: ["high"] } });
});
