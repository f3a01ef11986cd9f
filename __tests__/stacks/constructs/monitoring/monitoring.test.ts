import { at, stageWith, synthStack } from "@event-pipeline/testing/synthesized";

const BODY_FILTER = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
const stack = synthStack({
  stage: stageWith({ timeoutSeconds: 20 }, { alerts: { handler: "alert-log", ...BODY_FILTER } }),
});
const alarms = stack.resource.aws_cloudwatch_metric_alarm ?? {};

test("creates alarms for every queue and function", () => {
  const watched = ["dlq_not_empty", "oldest_message", "in_flight", "function_errors", "function_throttles"];
  for (const id of ["events", "alerts"]) {
    expect(Object.keys(alarms)).toEqual(expect.arrayContaining(watched.map((alarm) => `${id}_${alarm}`)));
  }
});

test("derives the threshold for a subscriber's duration from its timeout", () => {
  expect(alarms.alerts_function_duration?.threshold).toBe(19_000);
  expect(alarms.events_function_duration).toBeUndefined();
});

test("names each alarm after its address", () => {
  const names = Object.values(alarms).map(({ alarm_name }) => String(alarm_name));
  expect(names.sort()).toEqual(
    Object.keys(alarms)
      .map((id) => `\${var.name}-events-${id.replaceAll("_", "-")}`)
      .sort(),
  );
});

test.each(Object.entries(alarms))("names the commands to run first in the alarm %s", (_, alarm) => {
  expect(alarm.alarm_description).toMatch(
    /First run: npx event-pipeline .* --name \$\{var\.name\} --region us-east-1(; then: (aws .* --region us-east-1|https:.*))?$/,
  );
  expect(String(alarm.alarm_description).length).toBeLessThanOrEqual(1024);
  expect(alarm.alarm_actions).toEqual(["${aws_sns_topic.alarms.arn}"]);
  expect(alarm.ok_actions).toBeUndefined();
});

test("orders the dashboard's rows along the pipeline, without overlaps", () => {
  const body = JSON.parse(String(at(stack, "aws_cloudwatch_dashboard.events").dashboard_body)) as {
    widgets: { x: number; y: number; width: number; properties: { title: string; metrics: unknown[][] } }[];
  };
  const titles = body.widgets.map(({ properties }) => properties.title);
  const order = ["Published", "Queue events", "Queue alerts", "Events: what", "Table", "Archive"].map((start) =>
    titles.findIndex((title) => title.startsWith(start)),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
  for (const { x, width, properties } of body.widgets) {
    expect(Number.isInteger(x) && Number.isInteger(width) && x + width <= 24).toBe(true);
    expect(properties.metrics.length).toBeGreaterThan(0);
  }
  const places = body.widgets.map(({ x, y }) => `${x},${y}`);
  expect(new Set(places).size).toBe(places.length);
});

test("adds an alarm for malformed attributes only with a filter policy on attributes", () => {
  const filtering = synthStack({ stage: stageWith({ filterPolicy: { severity: ["high"] } }) });
  expect(at(filtering, "aws_cloudwatch_metric_alarm.topic_filtered_invalid_attributes")).toMatchObject({
    metric_name: "NumberOfNotificationsFilteredOut-InvalidAttributes",
    threshold: 1,
  });
  expect(Object.keys(synthStack().resource.aws_cloudwatch_metric_alarm ?? {}).join()).not.toContain("filtered");
});

test("sends OK notifications when okActions is true", () => {
  const notifying = synthStack({ stage: stageWith({ okActions: true }) }).resource.aws_cloudwatch_metric_alarm ?? {};
  for (const alarm of Object.values(notifying)) expect(alarm.ok_actions).toEqual(alarm.alarm_actions);
});

test("creates separate alarms for throttled writes to the table and to its index", () => {
  const indexed = synthStack({ stage: stageWith({ eventIdIndex: true, writeThrottlesAlarmCount: 7 }) });
  const dimensions = { TableName: "${var.name}-events", GlobalSecondaryIndexName: "event-id" };
  expect(at(indexed, "aws_cloudwatch_metric_alarm.index_write_throttles")).toMatchObject({
    namespace: "AWS/DynamoDB",
    metric_name: "WriteThrottleEvents",
    dimensions,
    statistic: "Sum",
    comparison_operator: "GreaterThanThreshold",
    threshold: 7,
  });
  const { dashboard_body } = at(indexed, "aws_cloudwatch_dashboard.events");
  const lines = JSON.parse(String(dashboard_body)).widgets.flatMap(
    ({ properties }: { properties: { metrics: unknown[] } }) => properties.metrics,
  );
  expect(lines).toContainEqual([
    "AWS/DynamoDB",
    "WriteThrottleEvents",
    ...Object.entries(dimensions).flat(),
    { stat: "Sum" },
  ]);
});
