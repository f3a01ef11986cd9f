import { ID_INDEX } from "@event-pipeline/event-model/item/attributes";
import { METRICS, METRICS_DIMENSIONS, METRICS_NAMESPACE } from "@event-pipeline/event-model/metrics";
import type { RefusalCode } from "@event-pipeline/event-model/refusal";

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Maximum" | "Sum" | "p99";
}

/** Returns a function that creates metrics for one type of resource. */
function metricsOf(namespace: string, dimension: string, usualStatistic: Metric["statistic"] = "Sum") {
  return (
    resource: string,
    name: string,
    statistic = usualStatistic,
    otherDimensions: Metric["dimensions"] = {},
  ): Metric => ({ namespace, name, dimensions: { [dimension]: resource, ...otherDimensions }, statistic });
}

export const queueMetric = metricsOf("AWS/SQS", "QueueName", "Maximum");
export const functionMetric = metricsOf("AWS/Lambda", "FunctionName");
export const topicMetric = metricsOf("AWS/SNS", "TopicName");
export const streamMetric = metricsOf("AWS/Firehose", "DeliveryStreamName");
export const tableMetric = metricsOf("AWS/DynamoDB", "TableName");
/** Creates a metric that the event processor publishes. The first argument is the function's name. */
export const eventMetric = metricsOf(METRICS_NAMESPACE, METRICS_DIMENSIONS.functionName);

/** Returns the metric for throttled writes to the index `event-id`. */
export function indexThrottles(tableName: string): Metric {
  return tableMetric(tableName, "WriteThrottleEvents", "Sum", { GlobalSecondaryIndexName: ID_INDEX });
}

/** Returns the metric for events that the event processor refused for one reason. */
export function refusalMetric(functionName: string, code: RefusalCode): Metric {
  return eventMetric(functionName, METRICS.refused, "Sum", { [METRICS_DIMENSIONS.code]: code });
}
