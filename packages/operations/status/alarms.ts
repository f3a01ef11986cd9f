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

/** @param consumers - `events`, and the ids of subscribers: alarms are `{name}-<id>-…`. */
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

const MINUTE_MS = 60_000;

/**
 * Seconds that the oldest message of a queue has waited, as CloudWatch knows within
 * some minutes; undefined when it knows nothing of the last ten.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export async function oldestSeconds(pipeline: Pipeline, queueName: string): Promise<number | undefined> {
  const { MetricDataResults } = await pipeline.client(CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - 10 * MINUTE_MS),
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
