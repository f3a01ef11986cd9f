import { flag, textOrToken, wholeNumber } from "./option-schemas";

/** Options for alarms, traces and logs. */
export const MONITORING_SHAPE = {
  /**
   * Creates the alarms and the dashboard.
   * @default - true
   */
  monitoring: flag().default(true),
  /**
   * Email address that receives the alarms. AWS first sends a confirmation request to this address.
   * @default - the alarm topic has no subscription
   */
  alarmEmail: textOrToken(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an email address").optional(),
  /**
   * ARN of an existing SNS topic for alarms.
   * @default - the pipeline creates the topic `{name}-events-alarms`
   */
  alarmTopicArn: textOrToken(/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/, "the ARN of a standard SNS topic").optional(),
  /**
   * Sends a notification when an alarm returns to OK, in addition to when it fires. A new pipeline then sends one
   * notification for each alarm.
   * @default - false
   */
  okActions: flag().default(false),
  /**
   * Alarm threshold for throttled writes to the table per minute. The handler retries throttled writes.
   * @default - 10 writes
   */
  writeThrottlesAlarmCount: wholeNumber(0, 1_000_000, "writes").default(10),
  /**
   * Alarm threshold for the age of the oldest event that is not archived yet, in seconds. Must be at least
   * `archiveBufferSeconds` + 60.
   * @default - `archiveBufferSeconds` + 300
   */
  archiveFreshnessAlarmSeconds: wholeNumber(60, 86_400, "seconds").optional(),
  /**
   * Logs the key and outcome of each record. `event-pipeline events show` and `events tail` use this log to find an
   * event before it is archived. The log contains event types and IDs, and costs $0.12 per million events.
   * @default - true
   */
  logEachRecord: flag().default(true),
  /**
   * Traces events with X-Ray from the topic to the function.
   * @default - false
   */
  tracing: flag().default(false),
  /**
   * Creates the X-Ray resource policy that allows SNS to send traces, if `tracing` is true. X-Ray allows five policies
   * per account and region. Set this option to false if another policy already covers the topic.
   * @default - true
   */
  createXRayPolicy: flag().default(true),
  /**
   * Logs the outcome of each SNS delivery to a queue or the stream.
   * @default - false: SNS counts deliveries in metrics only
   */
  deliveryStatusLogging: flag().default(false),
  /**
   * Percentage of successful deliveries that SNS logs with `deliveryStatusLogging`. SNS always logs failed deliveries.
   * @default - 100 percent
   */
  deliveryStatusSampleRatePercent: wholeNumber(0, 100, "percent").default(100),
};

/** Returns the threshold of the archive's alarm. The default leaves Firehose five minutes to deliver what it buffered. */
export function archiveFreshnessAlarmSeconds(options: {
  readonly archiveFreshnessAlarmSeconds?: number | undefined;
  readonly archiveBufferSeconds: number;
}): number {
  return options.archiveFreshnessAlarmSeconds ?? options.archiveBufferSeconds + 300;
}
