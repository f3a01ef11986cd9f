import { ID_INDEX } from "@event-pipeline/event-model/item/attributes";
import { METRICS, METRICS_DIMENSIONS, METRICS_NAMESPACE } from "@event-pipeline/event-model/metrics";
import type { RefusalCode } from "@event-pipeline/event-model/refusal";

/** A CloudWatch metric with a statistic. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Maximum" | "Sum" | "Average" | "p99";
}

export function queueMetric(queueName: string, name: string): Metric {
  return { namespace: "AWS/SQS", name, dimensions: { QueueName: queueName }, statistic: "Maximum" };
}

export function functionMetric(functionName: string, name: string, statistic: Metric["statistic"]): Metric {
  return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: functionName }, statistic };
}

export function topicMetric(topicName: string, name: string): Metric {
  return { namespace: "AWS/SNS", name, dimensions: { TopicName: topicName }, statistic: "Sum" };
}

export function streamMetric(streamName: string, name: string, statistic: Metric["statistic"]): Metric {
  return { namespace: "AWS/Firehose", name, dimensions: { DeliveryStreamName: streamName }, statistic };
}

export function tableMetric(name: string, dimensions: Metric["dimensions"]): Metric {
  return { namespace: "AWS/DynamoDB", name, dimensions, statistic: "Sum" };
}

export function indexMetric(name: string, tableName: string): Metric {
  return tableMetric(name, { TableName: tableName, GlobalSecondaryIndexName: ID_INDEX });
}

/** Returns a metric that the event processor publishes. */
export function eventMetric(functionName: string, name: string, statistic: Metric["statistic"] = "Sum"): Metric {
  return {
    namespace: METRICS_NAMESPACE,
    name,
    dimensions: { [METRICS_DIMENSIONS.functionName]: functionName },
    statistic,
  };
}

/** Returns the number of events that the event processor refused for one reason. */
export function refusalMetric(functionName: string, code: RefusalCode): Metric {
  const { dimensions, ...metric } = eventMetric(functionName, METRICS.refused);
  return { ...metric, dimensions: { ...dimensions, [METRICS_DIMENSIONS.code]: code } };
}
