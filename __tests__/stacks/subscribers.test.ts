import { Testing } from "cdktf";
import { EventPipelineStack } from "../../stacks/event-pipeline-stack";
import { readSubscribers } from "../../stacks/subscribers";
import { at, PROJECT_ROOT, type Synthesized, stageWith, synthStack } from "../helpers/synthesized";

const filterPolicy = { severity: ["high"] };
const stack = synthStack({
  stage: stageWith({}, { alerts: { handler: "alert-log", filterPolicy, filterPolicyScope: "MessageBody" } }),
});

/** A consumer's blocks with what names it taken out, to be compared with another's. */
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

test("a subscriber has a queue, a dead-letter queue and a function like the first consumer's", () => {
  const of = (id: string, mapping: string) =>
    shape({
      aws_sqs_queue: id,
      aws_sqs_queue_redrive_allow_policy: `${id}_dlq`,
      aws_lambda_event_source_mapping: mapping,
    });
  expect(of("alerts", "alerts_processor")).toEqual(of("events", "event_processor"));
});

test("its subscription filters, its queue takes from the topic only", () => {
  expect(at(stack, "aws_sns_topic_subscription.alerts")).toMatchObject({
    endpoint: "${aws_sqs_queue.alerts.arn}",
    filter_policy: JSON.stringify(filterPolicy),
    filter_policy_scope: "MessageBody",
  });
  expect(String(at(stack, "aws_sqs_queue_policy.alerts").policy)).toContain(
    '"aws:SourceArn":"${aws_sns_topic.events.arn}"',
  );
});

test("its function may consume its queue and write its logs, and nothing else", () => {
  const { Statement } = JSON.parse(String(at(stack, "aws_iam_role_policy.alerts_processor").policy)) as {
    Statement: { Resource: string }[];
  };
  expect(Statement.map(({ Resource }) => Resource)).toEqual([
    "${aws_sqs_queue.alerts.arn}",
    "${aws_cloudwatch_log_group.alerts_processor.arn}:log-stream:*",
  ]);
});

test("its permissions and environment can be added to", () => {
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
  expect(() => pipeline.addQueueSubscriber("Not-An-Id", { handlerPath: "bundle" })).toThrow(
    /"Not-An-Id" must be 2 to 12/,
  );
});

test.each([
  [{ Alerts: { handler: "x" } }, /id "Alerts" must be/],
  [{ events: { handler: "x" } }, /none of alarms, event, events/],
  [{ sqs: { handler: "x" } }, /"sqs" must be/],
  [{ alerts: {} }, /subscribers\.alerts\.handler is undefined/],
  [{ alerts: { handler: "../x" } }, /must be the name of a folder under lambda-src/],
  [{ alerts: { handler: "x", filter: {} } }, /There is no subscribers\.alerts\.filter/],
  [{ alerts: { handler: "x", filterPolicy: [] } }, /subscribers\.alerts\.filterPolicy is \[\]/],
  [{ alerts: { handler: "x", filterPolicy: { a: { b: ["c"] } } } }, /subscribers\.alerts\.filterPolicy nests under a/],
  [[], /must be an object of subscribers/],
  [{ alerts: "x" }, /must be an object with a handler/],
])("%j is refused", (subscribers, message) => {
  expect(() => readSubscribers(subscribers)).toThrow(message);
});
