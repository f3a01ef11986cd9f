import { readFileSync } from "node:fs";
import { at, stageWith, synthStack, synthStackText } from "@event-pipeline/testing/synthesized";

const stack = synthStack();

function policyAt(address: string, argument = "policy") {
  return (JSON.parse(String(at(stack, address)[argument])) as { Statement: Record<string, unknown>[] }).Statement;
}

test("the topic has the guide's name and tags", () => {
  expect(at(stack, "aws_sns_topic.events")).toMatchObject({
    name: "${var.name}-events",
    tags: { Project: "onboarding", Owner: "${var.name}" },
  });
});

test("the dead-letter queue keeps messages for 14 days", () => {
  expect(at(stack, "aws_sqs_queue.events_dlq")).toMatchObject({
    name: "${var.name}-events-dlq",
    message_retention_seconds: 1_209_600,
  });
});

test("the queue hides messages for 60 s and gives up after 3 receives", () => {
  const queue = at(stack, "aws_sqs_queue.events");
  expect(queue).toMatchObject({ name: "${var.name}-events-queue", visibility_timeout_seconds: 60 });
  expect(JSON.parse(String(queue.redrive_policy))).toEqual({
    deadLetterTargetArn: "${aws_sqs_queue.events_dlq.arn}",
    maxReceiveCount: 3,
  });
});

test("every queue takes messages of one MiB, which is the most that SQS allows", () => {
  const queues = Object.values(stack.resource.aws_sqs_queue ?? {});
  expect(queues).toHaveLength(3);
  for (const queue of queues) expect(queue.max_message_size).toBe(1_048_576);
});

test("the queue is subscribed with the envelope kept", () => {
  expect(at(stack, "aws_sns_topic_subscription.sqs")).toMatchObject({
    topic_arn: "${aws_sns_topic.events.arn}",
    protocol: "sqs",
    endpoint: "${aws_sqs_queue.events.arn}",
    raw_message_delivery: false,
  });
});

test("SNS may send to the queue from the topic only", () => {
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

test("the table has the guide's keys and TTL", () => {
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

test("the archive zips the bundle with a fixed file mode", () => {
  expect(at(stack, "data.archive_file.event_processor")).toEqual({
    type: "zip",
    source_dir: "../../../dist/lambda/event-processor",
    output_path: "event-processor.zip",
    output_file_mode: "0644",
  });
});

test("the function runs the archive with room for retries within the visibility timeout", () => {
  const fn = at(stack, "aws_lambda_function.event_processor");
  expect(fn).toMatchObject({
    function_name: "${var.name}-event-processor",
    runtime: "nodejs24.x",
    architectures: ["arm64"],
    handler: "index.handler",
    filename: "${data.archive_file.event_processor.output_path}",
    source_code_hash: "${data.archive_file.event_processor.output_base64sha256}",
    timeout: 10,
    environment: {
      variables: {
        TABLE_NAME: "${aws_dynamodb_table.events.name}",
        DEAD_LETTER_QUEUE_URL: "${aws_sqs_queue.events_dlq.url}",
        EVENT_TTL_DAYS: "90",
        LOG_RECORDS: "true",
      },
    },
  });
  const { visibility_timeout_seconds: visibility } = at(stack, "aws_sqs_queue.events");
  expect(visibility).toBeGreaterThanOrEqual(6 * Number(fn.timeout));
});

test("the mapping reports failures per message", () => {
  expect(at(stack, "aws_lambda_event_source_mapping.event_processor")).toMatchObject({
    event_source_arn: "${aws_sqs_queue.events.arn}",
    function_name: "${aws_lambda_function.event_processor.function_name}",
    batch_size: 10,
    function_response_types: ["ReportBatchItemFailures"],
  });
});

test("the function's role may do what the handler does, and no more", () => {
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

test("logs are kept for 14 days", () => {
  expect(at(stack, "aws_cloudwatch_log_group.event_processor")).toMatchObject({
    name: "/aws/lambda/${var.name}-event-processor",
    retention_in_days: 14,
  });
});

test("the bucket is private and encrypted", () => {
  expect(at(stack, "aws_s3_bucket.events_raw").bucket).toBe("${var.name}-events-raw");
  expect(at(stack, "aws_s3_bucket_public_access_block.events_raw")).toMatchObject({
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(at(stack, "aws_s3_bucket_server_side_encryption_configuration.events_raw")).toMatchObject({
    rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
  });
});

test("the stream writes compressed objects by the hour", () => {
  const hour = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/";
  expect(at(stack, "aws_kinesis_firehose_delivery_stream.events_raw")).toMatchObject({
    name: "${var.name}-events-raw",
    destination: "extended_s3",
    extended_s3_configuration: {
      bucket_arn: "${aws_s3_bucket.events_raw.arn}",
      buffering_interval: 300,
      buffering_size: 5,
      compression_format: "GZIP",
      prefix: `raw/${hour}`,
      error_output_prefix: `errors/!{firehose:error-output-type}/${hour}`,
    },
  });
});

test("the stream is subscribed with the envelope kept", () => {
  expect(at(stack, "aws_sns_topic_subscription.firehose")).toMatchObject({
    topic_arn: "${aws_sns_topic.events.arn}",
    protocol: "firehose",
    endpoint: "${aws_kinesis_firehose_delivery_stream.events_raw.arn}",
    subscription_role_arn: "${aws_iam_role.sns_firehose.arn}",
    raw_message_delivery: false,
  });
});

test.each([
  [false, "PassThrough"],
  [true, "Active"],
])("with tracing %s, topic and functions say %s", (tracing, mode) => {
  const traced = synthStack({ stage: stageWith({ tracing }, { alerts: { handler: "alert-log" } }) });
  expect(at(traced, "aws_sns_topic.events").tracing_config).toBe(mode);
  for (const name of ["event_processor", "alerts_processor"]) {
    expect(at(traced, `aws_lambda_function.${name}`).tracing_config).toEqual({ mode });
  }
  expect(traced.resource.aws_xray_resource_policy !== undefined).toBe(tracing);
});

test("the state keeps name, account and region of its first apply, and is held to them", () => {
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

test("outputs name what people need", () => {
  expect(Object.keys(stack.output).sort()).toEqual([
    "dlq_url",
    "function_name",
    "queue_url",
    "raw_bucket",
    "table_name",
    "topic_arn",
  ]);
});

test("docs/adoption.md names what AWS leaves behind of functions and streams made by hand", () => {
  const adoption = readFileSync("docs/adoption.md", "utf8");
  const names = ["aws_cloudwatch_log_group", "aws_iam_role"].flatMap((type) =>
    Object.values(stack.resource[type] ?? {}).map(({ name }) => String(name).replace("${var.name}", "{name}")),
  );
  expect(names).toHaveLength(5);
  for (const name of names) expect(adoption).toContain(`\`${name}\``);
});

test("no path of a machine is in the JSON", () => {
  expect(synthStackText()).not.toContain(process.cwd());
});
