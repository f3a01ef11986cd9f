import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { stageWith, synthStack, synthStackText } from "@event-pipeline/testing/synthesized";
import { Fn, TerraformLocal, TerraformResource, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { EventPipeline } from "../../../stacks/event-pipeline";
import type { EventPipelineProps, QueueSubscriberProps } from "../../../stacks/event-pipeline-props";
import { AWS_LIMITS } from "../../../stacks/limits/aws-limits";
import { InvalidOptionsError } from "../../../stacks/options/invalid-options-error";
import type { GivenStageOptions } from "../../../stacks/options/stage-options";

/** Props of a small pipeline, without monitoring, which would double the time of synth. */
const PIPELINE = { name: "alice", region: "us-east-1", handlerPath: "bundle", monitoring: false };
const SUBSCRIBER = { handlerPath: "bundle" };

function accounts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));
}

/** Returns the error message if synth rejects a stage; otherwise, an empty text. */
function refusalOf(options: GivenStageOptions): string {
  return refusal(() => synthStackText({ stage: stageWith({ monitoring: false, ...options }) }));
}

function emptyStack(): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "stack");
  new AwsProvider(stack, "aws", { region: PIPELINE.region });
  new ArchiveProvider(stack, "archive");
  return stack;
}

/** Returns the error message if synth rejects a pipeline in another stack; otherwise, an empty text. */
function refusalOfPipeline(
  props: Partial<EventPipelineProps>,
  subscribers: Readonly<Record<string, QueueSubscriberProps>> = {},
): string {
  const stack = emptyStack();
  return refusal(() => {
    const pipeline = new EventPipeline(stack, "p", { ...PIPELINE, ...props });
    for (const [id, subscriber] of Object.entries(subscribers)) pipeline.addQueueSubscriber(id, subscriber);
    Testing.synth(stack, true);
  });
}

function refusal(act: () => unknown): string {
  try {
    act();
    return "";
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.message;
    throw error;
  }
}

test.each([1, 200])("accepts %d publisher accounts", (count) => {
  expect(refusalOf({ publisherAccounts: accounts(count), kmsKey: "create" })).toBe("");
});

test.each([201, 2_000])("rejects %d publisher accounts and suggests an organization", (count) => {
  const message = refusalOf({ publisherAccounts: accounts(count) });
  expect(message).toContain(
    `aws_sns_topic_policy.events: policy has ${count} principals in the statement OtherAccounts: AWS allows 200`,
  );
  expect(message).toContain("publisherOrganization");
});

test("rejects a topic policy and a key policy that are too large", () => {
  const services = Array.from({ length: 190 }, (_, index) => `${"a".repeat(200)}${index}.amazonaws.com`);
  const message = refusalOf({ publisherServices: services, kmsKey: "create" });
  expect(message).toMatch(/aws_sns_topic_policy\.events: policy has \d+ bytes: AWS allows 30720/);
  expect(message).toMatch(/aws_kms_key\.events: policy has \d+ bytes: AWS allows 32768/);
});

test.each(["sthree", "sthree-a", "amzn-s3-demo"])(
  "rejects the name %s, because S3 reserves the bucket's name",
  (name) => {
    expect(refusalOf({ name })).toContain(`aws_s3_bucket.events_raw: bucket is "${name}-events-raw": expected`);
    expect(refusalOfPipeline({ name })).toContain("rawBucketName");
    expect(refusalOf({ name, rawBucketName: "acme-events" })).toBe("");
  },
);

/** Bytes that are left for one value: Lambda's limit applies to the JSON of all variables. */
const SPARE = 4_096 - JSON.stringify({ TEXT: "" }).length;

test.each([
  ["of the maximum size", { TEXT: "x".repeat(SPARE) }, ""],
  [
    "one byte over the maximum size",
    { TEXT: "x".repeat(SPARE + 1) },
    "environment.variables has 4097 bytes: AWS allows 4096",
  ],
  ["with few characters but too many bytes", { TEXT: "é".repeat(SPARE / 2 + 1) }, "bytes: AWS allows 4096"],
  ["with a variable that Lambda reserves", { AWS_REGION: "x" }, 'has the variable "AWS_REGION"'],
  ["with a name of one character", { A: "x" }, 'has the variable "A"'],
  ["with a name that has a hyphen", { "MY-NAME": "x" }, 'has the variable "MY-NAME"'],
])("checks an environment %s", (_, environment, expected) => {
  const message = refusalOfPipeline({}, { alerts: { ...SUBSCRIBER, environment } });
  expect(message === "" ? "" : message).toContain(expected);
  expect(message === "").toBe(expected === "");
});

const statement = (Sid: string, length = 1) =>
  ({ Sid, Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${"x".repeat(length)}/*` }) as const;

test.each([
  ["that are too long", [statement("Read", 11_000)], /p_alerts_processor: policy has \d+ characters: AWS allows 10240/],
  ["of one Sid", [statement("Read"), statement("Read")], /has two statements with the Sid Read/],
  ["with a Sid that the pipeline uses", [statement("WriteLogs")], /has two statements with the Sid WriteLogs/],
  ["with an invalid Sid", [statement("read-it")], /has the Sid "read-it"/],
])("rejects statements %s", (_, statements, expected) => {
  expect(refusalOfPipeline({}, { alerts: { ...SUBSCRIBER, statements } })).toMatch(expected);
});

test.each([
  [500, []],
  [501, ["has 501 widgets: AWS allows 500"]],
])("checks a dashboard with %d widgets", (count, expected) => {
  const body = JSON.stringify({ widgets: Array(count).fill({ type: "metric" }) });
  expect(AWS_LIMITS.aws_cloudwatch_dashboard?.dashboard_body?.check(body)).toEqual(expected);
});

test("rejects topic tags whose values are too long after their tokens are resolved", () => {
  expect(refusalOfPipeline({ topicTags: { Note: "x".repeat(256) } })).toBe("");
  const stack = emptyStack();
  const name = new TerraformVariable(stack, "name", { type: "string", default: "x".repeat(40) }).stringValue;
  new EventPipeline(stack, "p", {
    ...PIPELINE,
    name,
    topicTags: { Note: `${"x".repeat(217)}${name}` },
  });
  expect(refusal(() => Testing.synth(stack, true))).toContain(
    "tags has 257 characters in the value of Note: AWS allows 256",
  );
});

test("accepts the longest name, and a variable as name", () => {
  expect(refusalOf({ name: "a".repeat(40) })).toBe("");
  expect(refusalOf({})).toBe("");
});

/** Names that are known only after an apply. */
const TOKENS: Readonly<Record<string, (stack: TerraformStack) => string>> = {
  "of two variables": (stack) =>
    Fn.join(
      "-",
      ["team", "environment"].map((id) => new TerraformVariable(stack, id, { type: "string" }).stringValue),
    ),
  "of two variables in a template": (stack) =>
    ["team", "environment"].map((id) => new TerraformVariable(stack, id, { type: "string" }).stringValue).join("-"),
  "of a map": (stack) =>
    Fn.lookup({ dev: "alice-dev" }, new TerraformVariable(stack, "stage", { type: "string" }).stringValue, "alice"),
  "of a local value": (stack) => new TerraformLocal(stack, "local", "alice").asString,
  "of another resource's ID": (stack) => new SnsTopic(stack, "other", { name: "other" }).id,
  "of a variable with an empty default": (stack) =>
    new TerraformVariable(stack, "stage", { type: "string", default: "" }).stringValue,
};

test.each(Object.entries(TOKENS))("accepts a name and a bucket's name %s", (_, token) => {
  for (const option of ["name", "rawBucketName"] as const) {
    const stack = emptyStack();
    new EventPipeline(stack, "p", { ...PIPELINE, [option]: token(stack) });
    expect(refusal(() => Testing.synth(stack, true))).toBe("");
  }
});

test("accepts statements whose Sids and resources are tokens", () => {
  const stack = emptyStack();
  const [first, second] = ["first", "second"].map(
    (id) => new TerraformVariable(stack, id, { type: "string" }).stringValue,
  );
  const pipeline = new EventPipeline(stack, "p", PIPELINE);
  const statements = [statement(String(first)), statement(String(second))];
  pipeline.addQueueSubscriber("alerts", { ...SUBSCRIBER, statements });
  expect(refusal(() => Testing.synth(stack, true))).toBe("");
});

test("ignores resources outside the pipeline", () => {
  const stack = emptyStack();
  new SnsTopic(stack, "topic", { name: "not a name" });
  new EventPipeline(stack, "p", PIPELINE);
  expect(refusal(() => Testing.synth(stack, true))).toBe("");
});

test("does not parse a policy that an override replaces by an expression", () => {
  const stack = emptyStack();
  const { topic } = new EventPipeline(stack, "p", PIPELINE);
  const policies = topic.node
    .findAll()
    .filter(TerraformResource.isTerraformResource)
    .filter(({ terraformResourceType }) => terraformResourceType === "aws_sns_topic_policy");
  expect(policies).toHaveLength(1);
  for (const policy of ["${data.x.y.json}", '{"Statement":${jsonencode({a="b"})}}', "${jsonencode({a = 1})}", "["]) {
    policies[0]?.addOverride("policy", policy);
    expect(refusal(() => Testing.synth(stack, true))).toBe("");
  }
});

test("checks every name and document that a pipeline creates", () => {
  const everything = synthStack({
    stage: stageWith(
      {
        kmsKey: "create",
        encryptLogs: true,
        tracing: true,
        deliveryStatusLogging: true,
        eventIdIndex: true,
        alarmEmail: "a@b.co",
      },
      { alerts: { handler: "alert-log", filterPolicy: { severity: ["high"] } } },
    ),
  });
  const written = Object.entries(everything.resource).flatMap(([type, blocks]) =>
    Object.values(blocks).flatMap((config) =>
      Object.entries(config)
        // Without references to other resources.
        .filter(
          ([argument, value]) =>
            /(?:^|_)(?:name|bucket|policy|policy_document|body|description)$/.test(argument) &&
            !/^\$\{(?!var)[^}]*\}$/.test(String(value)),
        )
        .map(([argument]) => `${type}.${argument}`),
    ),
  );
  const known = Object.entries(AWS_LIMITS).flatMap(([type, limits]) =>
    Object.keys(limits).map((argument) => `${type}.${argument}`),
  );
  const elsewhere = [
    // Validated by packages/sns-filter-policy.
    "aws_sns_topic_subscription.filter_policy",
    // It contains only an ARN and a number.
    "aws_sns_topic_subscription.redrive_policy",
    "aws_sqs_queue.redrive_policy",
    "aws_sqs_queue_redrive_allow_policy.redrive_allow_policy",
    // Constants.
    "aws_kms_key.description",
    "aws_cloudwatch_metric_alarm.metric_name",
    // A flag.
    "aws_s3_bucket_public_access_block.block_public_policy",
  ];
  expect([...new Set(written)].filter((argument) => ![...known, ...elsewhere].includes(argument))).toEqual([]);
});
