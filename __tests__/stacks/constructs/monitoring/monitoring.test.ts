import { at, stageWith, synthStack } from "@event-pipeline/testing/synthesized";

const BODY_FILTER = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
const stack = synthStack({
  stage: stageWith({ timeoutSeconds: 20 }, { alerts: { handler: "alert-log", ...BODY_FILTER } }),
});
const alarms = stack.resource.aws_cloudwatch_metric_alarm ?? {};

const AT_LEAST = "GreaterThanOrEqualToThreshold";
const ABOVE = "GreaterThanThreshold";

/** namespace, metric, dimensions, statistic, comparison, threshold */
const EXPECTED: Readonly<Record<string, readonly [string, string, object, string, string, number]>> = {
  events_dlq_not_empty: [
    "SQS",
    "ApproximateNumberOfMessagesVisible",
    { QueueName: "${var.name}-events-dlq" },
    "Maximum",
    AT_LEAST,
    1,
  ],
  events_oldest_message: [
    "SQS",
    "ApproximateAgeOfOldestMessage",
    { QueueName: "${var.name}-events-queue" },
    "Maximum",
    ABOVE,
    300,
  ],
  events_in_flight: [
    "SQS",
    "ApproximateNumberOfMessagesNotVisible",
    { QueueName: "${var.name}-events-queue" },
    "Maximum",
    ABOVE,
    96_000,
  ],
  events_function_errors: ["Lambda", "Errors", { FunctionName: "${var.name}-event-processor" }, "Sum", ABOVE, 0],
  events_function_throttles: ["Lambda", "Throttles", { FunctionName: "${var.name}-event-processor" }, "Sum", ABOVE, 0],
  alerts_dlq_not_empty: [
    "SQS",
    "ApproximateNumberOfMessagesVisible",
    { QueueName: "${var.name}-alerts-dlq" },
    "Maximum",
    AT_LEAST,
    1,
  ],
  alerts_oldest_message: [
    "SQS",
    "ApproximateAgeOfOldestMessage",
    { QueueName: "${var.name}-alerts-queue" },
    "Maximum",
    ABOVE,
    300,
  ],
  alerts_in_flight: [
    "SQS",
    "ApproximateNumberOfMessagesNotVisible",
    { QueueName: "${var.name}-alerts-queue" },
    "Maximum",
    ABOVE,
    96_000,
  ],
  alerts_function_errors: ["Lambda", "Errors", { FunctionName: "${var.name}-alerts-processor" }, "Sum", ABOVE, 0],
  alerts_function_throttles: ["Lambda", "Throttles", { FunctionName: "${var.name}-alerts-processor" }, "Sum", ABOVE, 0],
  alerts_function_duration: [
    "Lambda",
    "Duration",
    { FunctionName: "${var.name}-alerts-processor" },
    "Maximum",
    ABOVE,
    19_000,
  ],
  table_write_throttles: ["DynamoDB", "WriteThrottleEvents", { TableName: "${var.name}-events" }, "Sum", ABOVE, 10],
  table_system_errors: [
    "DynamoDB",
    "SystemErrors",
    { TableName: "${var.name}-events", Operation: "BatchWriteItem" },
    "Sum",
    ABOVE,
    0,
  ],
  table_refused_events: [
    "EventPipeline",
    "EventsRefused",
    { service: "${var.name}-event-processor", error_code: "REFUSED_BY_DYNAMODB" },
    "Sum",
    ABOVE,
    0,
  ],
  events_out_of_time: ["EventPipeline", "EventsOutOfTime", { service: "${var.name}-event-processor" }, "Sum", ABOVE, 0],
  topic_failed_notifications: [
    "SNS",
    "NumberOfNotificationsFailed",
    { TopicName: "${var.name}-events" },
    "Sum",
    AT_LEAST,
    1,
  ],
  topic_filtered_invalid_body: [
    "SNS",
    "NumberOfNotificationsFilteredOut-InvalidMessageBody",
    { TopicName: "${var.name}-events" },
    "Sum",
    AT_LEAST,
    1,
  ],
  topic_redrive_failed: [
    "SNS",
    "NumberOfNotificationsFailedToRedriveToDlq",
    { TopicName: "${var.name}-events" },
    "Sum",
    AT_LEAST,
    1,
  ],
  undelivered_not_empty: [
    "SQS",
    "ApproximateNumberOfMessagesVisible",
    { QueueName: "${var.name}-events-undelivered" },
    "Maximum",
    AT_LEAST,
    1,
  ],
  archive_freshness: [
    "Firehose",
    "DeliveryToS3.DataFreshness",
    { DeliveryStreamName: "${var.name}-events-raw" },
    "Maximum",
    ABOVE,
    600,
  ],
  archive_throttles: [
    "Firehose",
    "ThrottledRecords",
    { DeliveryStreamName: "${var.name}-events-raw" },
    "Sum",
    ABOVE,
    0,
  ],
};

test("there are these alarms and no others", () => {
  expect(Object.keys(alarms).sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))(
  "%s watches its metric",
  (name, [service, metric, dimensions, statistic, comparison, threshold]) => {
    expect(alarms[name]).toMatchObject({
      namespace: service === "EventPipeline" ? service : `AWS/${service}`,
      metric_name: metric,
      statistic,
      comparison_operator: comparison,
      threshold,
      period: 60,
      evaluation_periods: 1,
      treat_missing_data: "notBreaching",
    });
    expect(alarms[name]?.dimensions ?? {}).toEqual(dimensions);
  },
);

test.each(Object.entries(alarms))("%s says what it means and what to do first", (_, alarm) => {
  expect(alarm.alarm_description).toMatch(/First run: npx event-pipeline .* --name \$\{var\.name\}/);
  expect(String(alarm.alarm_description).length).toBeLessThanOrEqual(1024);
  expect(alarm.alarm_actions).toEqual(["${aws_sns_topic.alarms.arn}"]);
  expect(alarm.ok_actions).toBeUndefined();
});

test("the dashboard shows the pipeline as it flows, consumers included, without overlaps", () => {
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

test("there is an alarm for malformed attributes where a filter policy looks at them, and else none", () => {
  const filtering = synthStack({ stage: stageWith({ filterPolicy: { severity: ["high"] } }) });
  expect(at(filtering, "aws_cloudwatch_metric_alarm.topic_filtered_invalid_attributes")).toMatchObject({
    metric_name: "NumberOfNotificationsFilteredOut-InvalidAttributes",
    threshold: 1,
  });
  expect(Object.keys(synthStack().resource.aws_cloudwatch_metric_alarm ?? {}).join()).not.toContain("filtered");
});

test("alarms tell when they are over, for who wants that", () => {
  const telling = synthStack({ stage: stageWith({ okActions: true }) }).resource.aws_cloudwatch_metric_alarm ?? {};
  for (const alarm of Object.values(telling)) expect(alarm.ok_actions).toEqual(alarm.alarm_actions);
});

test("watches the index's throttled writes, which the table's do not count, where there is an index", () => {
  const indexed = synthStack({ stage: stageWith({ eventIdIndex: true, writeThrottlesAlarmCount: 7 }) });
  const dimensions = { TableName: "${var.name}-events", GlobalSecondaryIndexName: "event-id" };
  expect(at(indexed, "aws_cloudwatch_metric_alarm.index_write_throttles")).toMatchObject({
    namespace: "AWS/DynamoDB",
    metric_name: "WriteThrottleEvents",
    dimensions,
    statistic: "Sum",
    comparison_operator: ABOVE,
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

test("says of each oldest-message alarm which messages it does not see", () => {
  const descriptions = Object.entries(alarms).filter(([id]) => id.endsWith("oldest_message"));
  expect(descriptions).toHaveLength(2);
  for (const [, { alarm_description }] of descriptions) {
    expect(alarm_description).toContain("leaves out of this metric what was received three times or more");
  }
});
