import { CloudWatchClient, GetMetricDataCommand, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import type { Pipeline } from "../pipeline";

export interface AlarmStatus {
  readonly name: string;
  /** OK, ALARM or INSUFFICIENT_DATA. */
  readonly state: string;
  readonly since: Date | undefined;
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

/**
 * Lists the alarms of the pipeline.
 *
 * @param consumers - `events` and the ids of subscribers; alarms are named `{name}-<id>-…`.
 */
export async function alarmsOf(
  pipeline: Pipeline,
  consumers: readonly string[],
  signal: AbortSignal,
): Promise<AlarmStatus[]> {
  const { name } = pipeline;
  const prefixes = consumers.map((consumer) => `${name}-${consumer}-`);
  const found: AlarmStatus[] = [];
  const client = pipeline.client(CloudWatchClient);
  for await (const page of paginateDescribeAlarms(
    { client },
    { AlarmNamePrefix: `${name}-` },
    { abortSignal: signal },
  )) {
    for (const alarm of page.MetricAlarms ?? []) {
      if (!prefixes.some((prefix) => alarm.AlarmName?.startsWith(prefix))) continue;
      found.push({
        name: String(alarm.AlarmName),
        state: String(alarm.StateValue),
        since: alarm.StateUpdatedTimestamp,
        reason: alarm.StateReason,
        description: alarm.AlarmDescription,
      });
    }
  }
  return found;
}

const METRIC_SPAN_MS = 600_000;

/**
 * Returns the age of a queue's oldest message in seconds, from the last ten
 * minutes of CloudWatch; undefined when it has no data.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export async function oldestMessageSeconds(pipeline: Pipeline, queueName: string): Promise<number | undefined> {
  const { MetricDataResults } = await pipeline.client(CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - METRIC_SPAN_MS),
      EndTime: new Date(),
      ScanBy: "TimestampDescending",
      MetricDataQueries: [
        {
          Id: "oldest",
          MetricStat: {
            Metric: {
              Namespace: "AWS/SQS",
              MetricName: "ApproximateAgeOfOldestMessage",
              Dimensions: [{ Name: "QueueName", Value: queueName }],
            },
            Period: 60,
            Stat: "Maximum",
          },
        },
      ],
    }),
  );
  return MetricDataResults?.[0]?.Values?.[0];
}
