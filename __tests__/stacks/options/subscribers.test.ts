import { at, PROJECT_ROOT, type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { Testing } from "cdktf";
import { EventPipelineStack } from "../../../stacks/event-pipeline-stack";
import { DEFAULT_OPTIONS } from "../../../stacks/options/pipeline-options";
import { readSubscribers } from "../../../stacks/options/subscribers";

const filterPolicy = { severity: ["high"] };
const stack = synthStack({
  stage: stageWith({}, { alerts: { handler: "alert-log", filterPolicy, filterPolicyScope: "MessageBody" } }),
});

/** Returns a consumer's blocks without names, for a comparison with another consumer. */
function shape(names: Readonly<Record<string, string>>): unknown {
  const text = JSON.stringify(Object.entries(names).map(([type, name]) => at(stack, `${type}.${name}`)));
  return JSON.parse(
    text
      .replaceAll(/alerts_processor|event_processor|alerts-processor|event-processor|alert-log/g, "FUNCTION")
      .replaceAll(/(alerts|events)_dlq/g, "DLQ")
      .replaceAll(/aws_sqs_queue\.(alerts|events)\b/g, "QUEUE")
      .replaceAll(/-(alerts|events)-(queue|dlq)/g, "-$2"),
  );
}

test("creates the same types of queues and function as for the event processor", () => {
  const of = (id: string, mapping: string) =>
    shape({
      aws_sqs_queue: id,
      aws_sqs_queue_redrive_allow_policy: `${id}_dlq`,
      aws_lambda_event_source_mapping: mapping,
    });
  expect(of("alerts", "alerts_processor")).toEqual(of("events", "event_processor"));
});

test("filters the subscription, and accepts only messages from the topic", () => {
  expect(at(stack, "aws_sns_topic_subscription.alerts")).toMatchObject({
    endpoint: "${aws_sqs_queue.alerts.arn}",
    filter_policy: JSON.stringify(filterPolicy),
    filter_policy_scope: "MessageBody",
  });
  expect(String(at(stack, "aws_sqs_queue_policy.alerts").policy)).toContain(
    '"aws:SourceArn":"${aws_sns_topic.events.arn}"',
  );
});

test("lets the function only consume its queue and write its logs", () => {
  const { Statement } = JSON.parse(String(at(stack, "aws_iam_role_policy.alerts_processor").policy)) as {
    Statement: { Resource: string }[];
  };
  expect(Statement.map(({ Resource }) => Resource)).toEqual([
    "${aws_sqs_queue.alerts.arn}",
    "${aws_cloudwatch_log_group.alerts_processor.arn}:log-stream:*",
  ]);
});

test("inherits options that the subscriber does not set", () => {
  const own = {
    timeoutSeconds: 30,
    memorySizeMiB: 128,
    batchSize: 5,
    maxConcurrency: 4,
    maxReceiveCount: 7,
    oldestMessageAlarmSeconds: 600,
  };
  const stage = stageWith({ memorySizeMiB: 1024, batchWindowSeconds: 2 }, { alerts: { handler: "alert-log", ...own } });
  const both = synthStack({ stage });
  expect(at(both, "aws_lambda_function.alerts_processor")).toMatchObject({ timeout: 30, memory_size: 128 });
  expect(at(both, "aws_lambda_event_source_mapping.alerts_processor")).toMatchObject({
    batch_size: 5,
    maximum_batching_window_in_seconds: 2,
    scaling_config: { maximum_concurrency: 4 },
  });
  expect(at(both, "aws_sqs_queue.alerts").visibility_timeout_seconds).toBe(182);
  expect(at(both, "aws_sqs_queue.alerts").redrive_policy).toContain('"maxReceiveCount":7');
  expect(at(both, "aws_cloudwatch_metric_alarm.alerts_function_duration").threshold).toBe(28_500);
  expect(at(both, "aws_cloudwatch_metric_alarm.alerts_oldest_message").threshold).toBe(600);
  expect(at(both, "aws_lambda_function.event_processor")).toMatchObject({ timeout: 10, memory_size: 1024 });
  expect(at(both, "aws_sqs_queue.events").redrive_policy).toContain('"maxReceiveCount":3');
});

test("adds statements and environment variables", () => {
  const pipelineStack = new EventPipelineStack(Testing.app(), "event-pipeline", {
    projectRoot: PROJECT_ROOT,
    stage: stageWith(),
  });
  const { pipeline } = pipelineStack;
  pipeline.addQueueSubscriber("copies", {
    handlerPath: "bundle",
    environment: { TABLE_NAME: pipeline.table.table.name },
    statements: [pipeline.table.writeStatement()],
  });
  const synthesized = JSON.parse(Testing.synth(pipelineStack, true)) as Synthesized;
  expect(at(synthesized, "aws_lambda_function.copies_processor").environment).toEqual({
    variables: { TABLE_NAME: "${aws_dynamodb_table.events.name}" },
  });
  expect(String(at(synthesized, "aws_iam_role_policy.copies_processor").policy)).toContain("dynamodb:BatchWriteItem");
  expect(() => pipeline.addQueueSubscriber("others", { handlerPath: "bundle", visibilityTimeoutSeconds: 59 })).toThrow(
    /others: .*visibilityTimeoutSeconds 59/,
  );
  expect(() => pipeline.addQueueSubscriber("others", { handlerPath: "bundle", timeoutSeconds: 901 })).toThrow(
    /others\.timeoutSeconds 901/,
  );
  expect(() => pipeline.addQueueSubscriber("Not-An-Id", { handlerPath: "bundle" })).toThrow(/"Not-An-Id"/);
});

test.each([
  [{ Alerts: { handler: "x" } }, /"Alerts"/],
  [{ events: { handler: "x" } }, /"events".*alarms, event, events/],
  [{ sqs: { handler: "x" } }, /"sqs"/],
  [{ alerts: {} }, /Missing subscribers\.alerts\.handler/],
  [{ alerts: { handler: "../x" } }, /subscribers\.alerts\.handler "\.\.\/x"/],
  [{ alerts: { handler: "x", filter: {} } }, /option subscribers\.alerts\.filter\./],
  [{ alerts: { handler: "x", filterPolicy: [] } }, /subscribers\.alerts\.filterPolicy \[\]/],
  [{ alerts: { handler: "x", filterPolicy: { a: { b: ["c"] } } } }, /subscribers\.alerts: filterPolicy .* a/],
  [{ alerts: { handler: "x", timeoutSeconds: 901 } }, /subscribers\.alerts\.timeoutSeconds 901/],
  [{ alerts: { handler: "x", batchSize: 100 } }, /subscribers\.alerts: .*batchWindowSeconds 0 with batchSize 100/],
  [{ alerts: { handler: "x", region: "eu-west-1" } }, /option subscribers\.alerts\.region\./],
  [[], /subscribers \[\]/],
  [{ alerts: "x" }, /subscribers\.alerts "x"/],
])("rejects %j", (subscribers, message) => {
  expect(() => readSubscribers(subscribers, DEFAULT_OPTIONS)).toThrow(message);
});

test("validates a stage that is configured in code", () => {
  const synth = (stage: object) => synthStack({ stage: { name: "test", options: {}, ...stage } });
  expect(() => synth({ subscribers: { alerts: { handler: "../x" } } })).toThrow(/handler "\.\.\/x"/);
  expect(() => synth({ options: { stateBucket: "team-state" } })).toThrow(/stateBucket "team-state" without name/);
});
