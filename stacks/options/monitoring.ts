import { flag, textOrToken, wholeNumber } from "./kinds";

/** Options of alarms, traces and logs. */
export const MONITORING_SHAPE = {
  /**
   * Whether alarms and dashboard are made.
   * @default - true
   */
  monitoring: flag().default(true),
  /**
   * E-mail address that alarms go to; AWS asks it for confirmation.
   * @default - alarms go to the alarm topic, without an address
   */
  alarmEmail: textOrToken(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address").optional(),
  /**
   * ARN of an existing SNS topic for alarms.
   * @default - a topic `{name}-events-alarms` is made
   */
  alarmTopicArn: textOrToken(/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/, "the ARN of a standard SNS topic").optional(),
  /**
   * Whether an alarm also tells when it is over. Each alarm of a new pipeline would then tell once that all is well.
   * @default - false: it does not
   */
  okActions: flag().default(false),
  /**
   * Throttled writes of the table within a minute, beyond which an alarm tells of them; each is tried again.
   * @default - 10 writes
   */
  writeThrottlesAlarmCount: wholeNumber(0, 1_000_000, "writes").default(10),
  /**
   * Seconds that an event may wait for its archive before an alarm tells of it. Firehose gathers for 300.
   * @default - 600 seconds
   */
  archiveFreshnessAlarmSeconds: wholeNumber(360, 86_400, "seconds").default(600),
  /**
   * Whether the event processor's log names each record, its key and its end, by which `event-pipeline events show` and
   * `tail` find an event before the archive has it. It costs $0.12 a million events, and logs their types and ids.
   * @default - true: records are named
   */
  logEachRecord: flag().default(true),
  /**
   * Whether X-Ray traces the way from the topic to the function.
   * @default - false: no X-Ray
   */
  tracing: flag().default(false),
  /**
   * Whether `tracing` also makes the X-Ray resource policy by which SNS may send its traces. X-Ray allows five of them
   * in an account and region: leave it out where a policy of the account covers the topic.
   * @default - true: `tracing` makes one
   */
  createXRayPolicy: flag().default(true),
  /**
   * Whether SNS logs what became of each delivery to a queue or the stream.
   * @default - false: metrics count the deliveries
   */
  deliveryStatusLogging: flag().default(false),
  /**
   * Percent of the deliveries without a fault that SNS logs, where it logs; it logs every other one.
   * @default - 100 percent
   */
  deliveryStatusSampleRatePercent: wholeNumber(0, 100, "percent").default(100),
};
