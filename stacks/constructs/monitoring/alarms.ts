import { ID_INDEX } from "@event-pipeline/event-model/item/attributes";
import { METRICS } from "@event-pipeline/event-model/metrics";
import { eventProcessorNames } from "@event-pipeline/event-model/resource-names";
import type { FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import type { ConsumerIdentity } from "../../addresses";
import type { ConsumerOptions } from "../../options/consumer";
import { archiveFreshnessAlarmSeconds } from "../../options/monitoring";
import type { SharedProps } from "../shared-props";
import {
  eventMetric,
  functionMetric,
  indexThrottles,
  type Metric,
  queueMetric,
  refusalMetric,
  streamMetric,
  tableMetric,
  topicMetric,
} from "./metric";

/** The pipeline and the region of the commands in a description. */
type Deployment = Pick<SharedProps, "names" | "region">;

/** An alarm on one minute of a metric. Missing data counts as OK. */
export interface AlarmDefinition {
  /** Suffix of the alarm's name and of its Terraform address. */
  readonly id: string;
  readonly metric: Metric;
  readonly threshold: { readonly above: number } | { readonly atLeast: number };
  /** Message to the operator: what happened, and which command to run first. */
  readonly description: string;
}

/** The maximum number of in-flight messages in a standard queue. */
const MAX_IN_FLIGHT = 120_000;
/** ID of the event processor, the default of the CLI's option `--queue`. */
const PROCESSOR_ID = "events";

/** Returns a pipeline's alarms, except those of its consumers. */
export function pipelineAlarms(props: SharedProps): AlarmDefinition[] {
  const { names, eventIdIndex, writeThrottlesAlarmCount } = props;
  const { functionName } = eventProcessorNames(names.pipeline);
  const freshnessSeconds = archiveFreshnessAlarmSeconds(props);
  const describeTable = `aws dynamodb describe-table --table-name ${names.table}`;
  return [
    {
      id: "table-write-throttles",
      metric: tableMetric(names.table, "WriteThrottleEvents"),
      threshold: { above: writeThrottlesAlarmCount },
      description: `DynamoDB throttles writes to the table. The most likely cause is an event type with more than 1,000 writes per second. ${firstRun(props, "status", describeTable)}`,
    },
    ...(eventIdIndex
      ? [
          {
            id: "index-write-throttles",
            // DynamoDB counts throttled writes to an index separately, although they also throttle writes to the table.
            metric: indexThrottles(names.table),
            threshold: { above: writeThrottlesAlarmCount },
            description: `DynamoDB throttles writes to the index ${ID_INDEX}, and therefore to the table. The most likely cause is one event ID that is published very often. ${firstRun(props, "status", describeTable)}`,
          },
        ]
      : []),
    {
      id: "table-system-errors",
      // SystemErrors exists only with both dimensions, TableName and Operation.
      metric: tableMetric(names.table, "SystemErrors", "Sum", { Operation: "BatchWriteItem" }),
      threshold: { above: 0 },
      description: `DynamoDB returned HTTP 500. The handler retries the events. ${firstRun(props, "status", "https://health.aws.amazon.com/health/status")}`,
    },
    {
      id: "table-refused-events",
      // DynamoDB's metric UserErrors has no dimensions: it counts all errors in the account and region.
      metric: refusalMetric(functionName, "REFUSED_BY_DYNAMODB"),
      threshold: { above: 0 },
      description: `DynamoDB rejected an event that the handler considered valid. The event is in the dead-letter queue with the reason. ${firstRun(props, "dlq list --code REFUSED_BY_DYNAMODB")}`,
    },
    {
      id: "events-out-of-time",
      metric: eventMetric(functionName, METRICS.timedOut),
      threshold: { above: 0 },
      description: `The function ran out of time before it stored some events. SQS delivers them again, which counts toward maxReceiveCount. Possible causes: DynamoDB is slow, batches are too large, or memory is too small. ${firstRun(props, "status", readErrors(functionName))}`,
    },
    {
      id: "topic-failed-notifications",
      metric: topicMetric(names.topic, "NumberOfNotificationsFailed"),
      threshold: { atLeast: 1 },
      description: `SNS could not deliver an event to a subscription. The event should be in ${names.undeliveredQueue}. ${firstRun(props, "dlq list --queue undelivered")}`,
    },
    {
      id: "topic-redrive-failed",
      metric: topicMetric(names.topic, "NumberOfNotificationsFailedToRedriveToDlq"),
      threshold: { atLeast: 1 },
      description: `SNS could not deliver an event to a subscription or move it to ${names.undeliveredQueue}, so the subscription has lost the event. The most likely cause is a KMS key policy that does not allow SNS. ${firstRun(props, "doctor")}`,
    },
    {
      id: "undelivered-not-empty",
      metric: queueMetric(names.undeliveredQueue, "ApproximateNumberOfMessagesVisible"),
      threshold: { atLeast: 1 },
      description: `Events did not reach a queue or the archive. Fix the subscription's permission, then redrive the events to their subscriptions. ${firstRun(props, "dlq list --queue undelivered")}`,
    },
    {
      id: "archive-freshness",
      metric: streamMetric(names.rawStream, "DeliveryToS3.DataFreshness", "Maximum"),
      threshold: { above: freshnessSeconds },
      description: `The oldest event that is not archived yet has waited for more than ${freshnessSeconds} s. Firehose discards events that it cannot deliver within 24 hours. ${firstRun(props, "status", `aws logs filter-log-events --log-group-name /aws/kinesisfirehose/${names.rawStream}`)}`,
    },
    {
      id: "archive-throttles",
      metric: streamMetric(names.rawStream, "ThrottledRecords"),
      threshold: { above: 0 },
      description: `Firehose throttles the records that SNS sends. SNS retries, then moves events to ${names.undeliveredQueue}. ${firstRun(props, "status", `aws firehose describe-delivery-stream --delivery-stream-name ${names.rawStream}`)}`,
    },
  ];
}

/** Returns the alarms of a consumer and its queues. */
export function consumerAlarms(
  props: Deployment,
  { id, queueName, deadLetterQueueName, functionName }: ConsumerIdentity,
  { oldestMessageAlarmSeconds, errorsAlarmCount, throttlesAlarmCount, timeoutSeconds }: ConsumerOptions,
): AlarmDefinition[] {
  const logs = firstRun(props, "status", readErrors(functionName));
  return [
    {
      id: `${id}-dlq-not-empty`,
      metric: queueMetric(deadLetterQueueName, "ApproximateNumberOfMessagesVisible"),
      threshold: { atLeast: 1 },
      description: `Events could not be processed and are in the dead-letter queue. Until the queue is empty, further events do not raise the alarm again. Fix the cause, then run dlq redrive. ${firstRun(props, `dlq list${id === PROCESSOR_ID ? "" : ` --queue ${id}`}`)}`,
    },
    {
      id: `${id}-oldest-message`,
      metric: queueMetric(queueName, "ApproximateAgeOfOldestMessage"),
      threshold: { above: oldestMessageAlarmSeconds },
      description: `An event has waited for more than ${oldestMessageAlarmSeconds} s: the function is slow, throttled or failing. This metric does not include messages that were received three times or more. ${logs}`,
    },
    {
      id: `${id}-in-flight`,
      metric: queueMetric(queueName, "ApproximateNumberOfMessagesNotVisible"),
      threshold: { above: 0.8 * MAX_IN_FLIGHT },
      description: `In-flight messages exceed 80% of SQS's limit of ${MAX_IN_FLIGHT}. At the limit, SQS stops delivering messages. ${firstRun(props, "status")}`,
    },
    {
      id: `${id}-function-errors`,
      metric: functionMetric(functionName, "Errors"),
      threshold: { above: errorsAlarmCount },
      description: `The function crashed or timed out. SQS will deliver the whole batch again. ${logs}`,
    },
    {
      id: `${id}-function-throttles`,
      metric: functionMetric(functionName, "Throttles"),
      threshold: { above: throttlesAlarmCount },
      description: `Lambda throttled invocations because the concurrency limit was reached. Each throttled attempt counts toward maxReceiveCount. ${firstRun(props, "status", "aws lambda get-account-settings")}`,
    },
    // The event processor needs no alarm for its duration, because it stops before its timeout.
    ...(id === PROCESSOR_ID
      ? []
      : [
          {
            id: `${id}-function-duration`,
            metric: functionMetric(functionName, "Duration", "Maximum"),
            threshold: { above: 0.95 * timeoutSeconds * 1_000 },
            description: `An invocation took more than 95% of the function's timeout of ${timeoutSeconds} s. ${logs}`,
          },
        ]),
  ];
}

/** Returns the alarm for events that a filter policy drops because they are malformed. */
export function filterAlarm(props: Deployment, scope: FilterPolicyScope): AlarmDefinition {
  const [id, problem, metric] =
    scope === "MessageBody"
      ? ["body", "body is not a JSON object", "InvalidMessageBody"]
      : ["attributes", "message attributes are malformed", "InvalidAttributes"];
  return {
    id: `topic-filtered-invalid-${id}`,
    metric: topicMetric(props.names.topic, `NumberOfNotificationsFilteredOut-${metric}`),
    threshold: { atLeast: 1 },
    description: `A filter policy dropped an event whose ${problem}. Ask the publisher to correct its events. The dropped event is in the archive. ${firstRun(props, "reconcile --since 1h")}`,
  };
}

/** Returns a command for the AWS CLI (version 1 or 2) that shows a function's errors. */
function readErrors(functionName: string): string {
  return `aws logs filter-log-events --log-group-name /aws/lambda/${functionName} --filter-pattern '?ERROR ?WARN ?"Task timed out"'`;
}

/**
 * Returns a sentence with the commands to run first. docs/operations.md describes the next steps.
 *
 * @param then - A command for the AWS CLI, or a URL.
 */
function firstRun({ names, region }: Deployment, command: string, then = ""): string {
  const first = `First run: npx event-pipeline ${command} --name ${names.pipeline} --region ${region}`;
  if (then === "") return first;
  return `${first}; then: ${then}${then.startsWith("aws ") ? ` --region ${region}` : ""}`;
}
