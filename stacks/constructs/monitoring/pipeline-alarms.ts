import { ID_INDEX } from "@event-pipeline/event-model/item/attributes";
import { METRICS } from "@event-pipeline/event-model/metrics";
import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import type { PipelineOptions } from "../../options/pipeline-options";
import { type AlarmDefinition, firstRun, readErrors } from "./alarm-definition";
import { eventMetric, indexMetric, queueMetric, refusalMetric, streamMetric, tableMetric, topicMetric } from "./metric";

export type AlarmOptions = Pick<
  PipelineOptions,
  "eventIdIndex" | "writeThrottlesAlarmCount" | "archiveFreshnessAlarmSeconds"
>;

/** @param writer - Name of the function that writes to the table. */
export function pipelineAlarms(
  names: ReturnType<typeof pipelineNames>,
  writer: string,
  { eventIdIndex, writeThrottlesAlarmCount, archiveFreshnessAlarmSeconds }: AlarmOptions,
): AlarmDefinition[] {
  return [
    {
      id: "table-write-throttles",
      metric: tableMetric("WriteThrottleEvents", { TableName: names.table }),
      comparison: "GreaterThanThreshold",
      threshold: writeThrottlesAlarmCount,
      description: `DynamoDB throttles writes: most likely one event type gets more than 1,000 writes a second. ${firstRun(names, "status", `aws dynamodb describe-table --table-name ${names.table}`)}`,
    },
    ...(eventIdIndex ? [indexAlarm(names, writeThrottlesAlarmCount)] : []),
    {
      id: "table-system-errors",
      // This metric exists by table and operation only.
      metric: tableMetric("SystemErrors", { TableName: names.table, Operation: "BatchWriteItem" }),
      comparison: "GreaterThanThreshold",
      threshold: 0,
      description: `DynamoDB answered with a 500: events are tried again. ${firstRun(names, "status", "https://health.aws.amazon.com/health/status")}`,
    },
    {
      id: "table-refused-events",
      // Not DynamoDB's own UserErrors: without a dimension it counts every mistake in the account and region.
      metric: refusalMetric(writer, "REFUSED_BY_DYNAMODB"),
      comparison: "GreaterThanThreshold",
      threshold: 0,
      description: `DynamoDB refused an event as invalid that the function took for valid; it is in the dead-letter queue, with the reason. ${firstRun(names, "dlq list --code REFUSED_BY_DYNAMODB")}`,
    },
    {
      id: "events-out-of-time",
      metric: eventMetric(writer, METRICS.outOfTime),
      comparison: "GreaterThanThreshold",
      threshold: 0,
      description: `The function had no time to try these events before its timeout, which costs each a receive: DynamoDB is slow, a batch is too large, or memory is too small. ${firstRun(names, "status", readErrors(writer))}`,
    },
    {
      id: "topic-failed-notifications",
      metric: topicMetric(names.topic, "NumberOfNotificationsFailed"),
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      description: `SNS could not deliver to a subscription; the event should be in ${names.undeliveredQueue}. ${firstRun(names, "dlq list --queue undelivered")}`,
    },
    {
      id: "topic-redrive-failed",
      metric: topicMetric(names.topic, "NumberOfNotificationsFailedToRedriveToDlq"),
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      description: `An event is lost to a subscription: SNS could deliver it neither there nor to ${names.undeliveredQueue}. Most likely a key's policy leaves SNS out. ${firstRun(names, "doctor")}`,
    },
    {
      id: "undelivered-not-empty",
      metric: queueMetric(names.undeliveredQueue, "ApproximateNumberOfMessagesVisible"),
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      description: `Events did not reach the queue or the archive. Mend the subscription's permission, then redrive them: each goes where it was meant to. ${firstRun(names, "dlq list --queue undelivered")}`,
    },
    {
      id: "archive-freshness",
      metric: streamMetric(names.rawStream, "DeliveryToS3.DataFreshness", "Maximum"),
      comparison: "GreaterThanThreshold",
      threshold: archiveFreshnessAlarmSeconds,
      description: `The oldest event waits for its archive longer than buffering explains; Firehose gives up after 24 hours. ${firstRun(names, "status", `aws logs filter-log-events --log-group-name /aws/kinesisfirehose/${names.rawStream}`)}`,
    },
    {
      id: "archive-throttles",
      metric: streamMetric(names.rawStream, "ThrottledRecords", "Sum"),
      comparison: "GreaterThanThreshold",
      threshold: 0,
      description: `Firehose throttles what SNS sends it; SNS tries again, then sets events aside in ${names.undeliveredQueue}. ${firstRun(names, "status", `aws firehose describe-delivery-stream --delivery-stream-name ${names.rawStream}`)}`,
    },
  ];
}

/** DynamoDB counts an index's throttled writes apart from its table's, and refuses the write to the table for them. */
function indexAlarm(names: ReturnType<typeof pipelineNames>, writeThrottlesAlarmCount: number): AlarmDefinition {
  return {
    id: "index-write-throttles",
    metric: indexMetric("WriteThrottleEvents", names.table),
    comparison: "GreaterThanThreshold",
    threshold: writeThrottlesAlarmCount,
    description: `DynamoDB throttles writes to the index ${ID_INDEX}, and with them the writes to the table: most likely one event id is published over and over. ${firstRun(names, "status", `aws dynamodb describe-table --table-name ${names.table}`)}`,
  };
}

/** Of a filter policy: what it looks at may be malformed, and then it drops the event. */
export function filterAlarm(names: ReturnType<typeof pipelineNames>, scope: FilterPolicyScope): AlarmDefinition {
  const [id, what, metric] =
    scope === "MessageBody"
      ? ["body", "body is no JSON object", "InvalidMessageBody"]
      : ["attributes", "message attributes are malformed", "InvalidAttributes"];
  return {
    id: `topic-filtered-invalid-${id}`,
    metric: topicMetric(names.topic, `NumberOfNotificationsFilteredOut-${metric}`),
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    description: `A filter policy dropped an event whose ${what}: somebody publishes what subscribers cannot match. The archive has it. ${firstRun(names, "reconcile --since 1h")}`,
  };
}
