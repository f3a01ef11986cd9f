import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { ConsumerIdentity } from "../../consumer-identity";
import type { ConsumerOptions } from "../../options/consumer";
import { type AlarmDefinition, firstRun, readErrors } from "./alarm-definition";
import { functionMetric, queueMetric } from "./metric";

/** SQS holds at most 120,000 received messages of a queue; beyond that it gives out no more. */
const MAX_IN_FLIGHT = 120_000;
/** Of the event processor, whose queue the operator's command means where none is named. */
const PROCESSOR_ID = "events";

type Names = ReturnType<typeof pipelineNames>;

export function consumerAlarms(
  names: Names,
  { id, queueName, deadLetterQueueName, functionName }: ConsumerIdentity,
  { oldestMessageAlarmSeconds, errorsAlarmCount, throttlesAlarmCount }: ConsumerOptions,
): AlarmDefinition[] {
  const status = firstRun(names, "status");
  const logs = firstRun(names, "status", readErrors(functionName));
  const ofQueue = id === PROCESSOR_ID ? "" : ` --queue ${id}`;
  return [
    {
      id: `${id}-dlq-not-empty`,
      metric: queueMetric(deadLetterQueueName, "ApproximateNumberOfMessagesVisible"),
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      description: `Events were set aside: they could not be processed. Later arrivals do not alarm again, so empty the queue: once the cause is mended, dlq redrive takes them back. ${firstRun(names, `dlq list${ofQueue}`)}`,
    },
    {
      id: `${id}-oldest-message`,
      metric: queueMetric(queueName, "ApproximateAgeOfOldestMessage"),
      comparison: "GreaterThanThreshold",
      threshold: oldestMessageAlarmSeconds,
      description: `An event waits for more than ${oldestMessageAlarmSeconds} s: the function is too slow, throttled or failing. SQS leaves out of this metric what was received three times or more. ${logs}`,
    },
    {
      id: `${id}-in-flight`,
      metric: queueMetric(queueName, "ApproximateNumberOfMessagesNotVisible"),
      comparison: "GreaterThanThreshold",
      threshold: 0.8 * MAX_IN_FLIGHT,
      description: `More than 80 % of the ${MAX_IN_FLIGHT} messages that SQS lets be in flight; at the limit delivery stops. ${status}`,
    },
    {
      id: `${id}-function-errors`,
      metric: functionMetric(functionName, "Errors", "Sum"),
      comparison: "GreaterThanThreshold",
      threshold: errorsAlarmCount,
      description: `The function crashed or timed out, so a whole batch will be received again. ${logs}`,
    },
    {
      id: `${id}-function-throttles`,
      metric: functionMetric(functionName, "Throttles", "Sum"),
      comparison: "GreaterThanThreshold",
      threshold: throttlesAlarmCount,
      description: `Lambda refused invocations for lack of concurrency; a throttled batch costs its events a receive. ${firstRun(names, "status", "aws lambda get-account-settings")}`,
    },
  ];
}

/** Of a consumer that Lambda may kill: the event processor answers before, and counts what it had no time for. */
export function durationAlarm(
  names: Names,
  { id, functionName }: ConsumerIdentity,
  { timeoutSeconds }: ConsumerOptions,
): AlarmDefinition {
  return {
    id: `${id}-function-duration`,
    metric: functionMetric(functionName, "Duration", "Maximum"),
    comparison: "GreaterThanThreshold",
    threshold: 0.95 * timeoutSeconds * 1_000,
    description: `An invocation took more than 95 % of its ${timeoutSeconds} s. ${firstRun(names, "status", readErrors(functionName))}`,
  };
}
