import { readFileSync } from "node:fs";
import { at, stageWith, synthStack, synthStackText } from "@event-pipeline/testing/synthesized";
import { TerraformStack, Testing } from "cdktf";
import { validatePipelineOptions } from "../../stacks/options/validate-options";
import { warnAboutOptions } from "../../stacks/synth-warnings";

const stack = synthStack();

function policyAt(address: string, argument = "policy") {
  return (JSON.parse(String(at(stack, address)[argument])) as { Statement: Record<string, unknown>[] }).Statement;
}

test("gives the topic the guide's name and tags", () => {
  expect(at(stack, "aws_sns_topic.events")).toMatchObject({
    name: "${var.name}-events",
    tags: { Project: "onboarding", Owner: "${var.name}" },
  });
});

test("keeps dead letters for the guide's 14 days", () => {
  expect(at(stack, "aws_sqs_queue.events_dlq")).toMatchObject({
    name: "${var.name}-events-dlq",
    message_retention_seconds: 1_209_600,
  });
});

test("gives the queue the guide's visibility timeout of 60 s and maximum of 3 receives", () => {
  const queue = at(stack, "aws_sqs_queue.events");
  expect(queue).toMatchObject({ name: "${var.name}-events-queue", visibility_timeout_seconds: 60 });
  expect(JSON.parse(String(queue.redrive_policy))).toEqual({
    deadLetterTargetArn: "${aws_sqs_queue.events_dlq.arn}",
    maxReceiveCount: 3,
  });
});

test("subscribes the queue without raw message delivery", () => {
  expect(at(stack, "aws_sns_topic_subscription.sqs")).toMatchObject({
    topic_arn: "${aws_sns_topic.events.arn}",
    protocol: "sqs",
    endpoint: "${aws_sqs_queue.events.arn}",
    raw_message_delivery: false,
  });
});

test("lets SNS send to the queue from the topic only", () => {
  expect(at(stack, "aws_sqs_queue_policy.allow_sns").queue_url).toBe("${aws_sqs_queue.events.id}");
  const allowing = policyAt("aws_sqs_queue_policy.allow_sns").filter(({ Effect }) => Effect === "Allow");
  expect(allowing).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: "${aws_sqs_queue.events.arn}",
      Condition: { ArnEquals: { "aws:SourceArn": "${aws_sns_topic.events.arn}" } },
    },
  ]);
});

test("gives the table the guide's keys and TTL", () => {
  expect(at(stack, "aws_dynamodb_table.events")).toMatchObject({
    name: "${var.name}-events",
    billing_mode: "PAY_PER_REQUEST",
    hash_key: "event_type",
    range_key: "timestamp_id",
    attribute: [
      { name: "event_type", type: "S" },
      { name: "timestamp_id", type: "S" },
    ],
    ttl: { attribute_name: "expires_at", enabled: true },
  });
});

test("gives the function time for retries within the visibility timeout", () => {
  const fn = at(stack, "aws_lambda_function.event_processor");
  const { visibility_timeout_seconds: visibility } = at(stack, "aws_sqs_queue.events");
  expect(visibility).toBeGreaterThanOrEqual(6 * Number(fn.timeout));
});

test("allows the function's role only the calls that the handler makes", () => {
  expect(policyAt("aws_iam_role.event_processor", "assume_role_policy")).toEqual([
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  ]);
  expect(policyAt("aws_iam_role_policy.event_processor").map(({ Action, Resource }) => [Resource, Action])).toEqual([
    ["${aws_sqs_queue.events.arn}", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]],
    ["${aws_dynamodb_table.events.arn}", "dynamodb:BatchWriteItem"],
    ["${aws_sqs_queue.events_dlq.arn}", "sqs:SendMessage"],
    ["${aws_cloudwatch_log_group.event_processor.arn}:log-stream:*", ["logs:CreateLogStream", "logs:PutLogEvents"]],
  ]);
});

test.each([
  [false, "PassThrough"],
  [true, "Active"],
])("with tracing %s, sets the mode of the topic and functions to %s", (tracing, mode) => {
  const traced = synthStack({ stage: stageWith({ tracing }, { alerts: { handler: "alert-log" } }) });
  expect(at(traced, "aws_sns_topic.events").tracing_config).toBe(mode);
  for (const name of ["event_processor", "alerts_processor"]) {
    expect(at(traced, `aws_lambda_function.${name}`).tracing_config).toEqual({ mode });
  }
  expect(traced.resource.aws_xray_resource_policy !== undefined).toBe(tracing);
});

test("checks every plan against the name, account and region of the first apply", () => {
  const account_id = "${data.aws_caller_identity.current.account_id}";
  const guard = at(stack, "terraform_data.events_deployment");
  expect(guard.input).toEqual({ name: "${var.name}", account_id, region: "us-east-1" });
  expect(guard.lifecycle).toEqual({
    ignore_changes: ["input"],
    postcondition: [
      {
        condition:
          '${(((self.input.name == var.name) && (self.input.account_id == data.aws_caller_identity.current.account_id)) && (self.input.region == "us-east-1"))}',
        error_message: expect.stringContaining(`A plan for \${var.name} in account ${account_id}, region us-east-1`),
      },
    ],
  });
});

test("outputs the names and addresses that commands need", () => {
  expect(Object.keys(stack.output).sort()).toEqual([
    "dlq_url",
    "function_name",
    "queue_url",
    "raw_bucket",
    "table_name",
    "topic_arn",
  ]);
});

test("docs/adoption.md names the log groups and roles that Terraform does not destroy", () => {
  const adoption = readFileSync("docs/adoption.md", "utf8");
  const names = ["aws_cloudwatch_log_group", "aws_iam_role"].flatMap((type) =>
    Object.values(stack.resource[type] ?? {}).map(({ name }) => String(name).replace("${var.name}", "{name}")),
  );
  expect(names).toHaveLength(5);
  for (const name of names) expect(adoption).toContain(`\`${name}\``);
});

test("contains no path of this machine", () => {
  expect(synthStackText()).not.toContain(process.cwd());
});

test.each([
  [18, [expect.stringContaining("eventTtlDays is 18")]],
  [19, []],
  [0, []],
])("with a TTL of %i days, warns if the TTL is not longer than the queues' retention", (eventTtlDays, warnings) => {
  const scope = new TerraformStack(Testing.app(), "stack");
  warnAboutOptions(scope, validatePipelineOptions({ eventTtlDays }));
  expect(scope.node.metadata.map(({ data }) => data)).toEqual(warnings);
});
