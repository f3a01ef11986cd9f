import { METRICS } from "@event-pipeline/event-model/metrics";
import { eventProcessorNames } from "@event-pipeline/event-model/resource-names";
import type { ConsumerIdentity } from "../../addresses";
import type { SharedProps } from "../shared-props";
import {
  eventMetric,
  functionMetric,
  indexThrottles,
  type Metric,
  queueMetric,
  streamMetric,
  tableMetric,
  topicMetric,
} from "./metric";

/** Number of columns in a CloudWatch dashboard. */
const COLUMNS = 24;
const HEIGHT = 6;

interface Panel {
  readonly title: string;
  readonly metrics: readonly Metric[];
}

/** Returns the dashboard's JSON. Its rows show the topic, each queue with its consumer, the table and the archive. */
export function dashboardBody(
  { region, names, eventIdIndex }: SharedProps,
  consumers: readonly ConsumerIdentity[],
): object {
  const { functionName } = eventProcessorNames(names.pipeline);
  const rows: readonly (readonly Panel[])[] = [
    [
      panel("Published", topicMetric(names.topic, "NumberOfMessagesPublished")),
      panel(
        "Delivered and failed",
        topicMetric(names.topic, "NumberOfNotificationsDelivered"),
        topicMetric(names.topic, "NumberOfNotificationsFailed"),
      ),
      panel("Undelivered", queueMetric(names.undeliveredQueue, "ApproximateNumberOfMessagesVisible")),
    ],
    ...consumers.map(consumerRow),
    [
      panel(
        "Events: what became of them",
        eventMetric(functionName, METRICS.stored),
        eventMetric(functionName, METRICS.folded),
        eventMetric(functionName, METRICS.refused),
        eventMetric(functionName, METRICS.retried),
        eventMetric(functionName, METRICS.timedOut),
        eventMetric(functionName, METRICS.expired),
        eventMetric(functionName, METRICS.unacknowledged),
      ),
      panel(
        "Events: age when stored (ms)",
        eventMetric(functionName, METRICS.age, "p99"),
        eventMetric(functionName, METRICS.age, "Maximum"),
      ),
      panel(
        "Table: throttled writes",
        tableMetric(names.table, "WriteThrottleEvents"),
        ...(eventIdIndex ? [indexThrottles(names.table)] : []),
      ),
      panel("Table: write units", tableMetric(names.table, "ConsumedWriteCapacityUnits")),
    ],
    [
      panel("Archive: age of oldest (s)", streamMetric(names.rawStream, "DeliveryToS3.DataFreshness", "Maximum")),
      panel("Archive: records", streamMetric(names.rawStream, "IncomingRecords")),
      panel("Archive: throttled", streamMetric(names.rawStream, "ThrottledRecords")),
    ],
  ];
  return {
    widgets: rows.flatMap((panels, row) =>
      panels.map(({ title, metrics }, column) => ({
        type: "metric",
        x: (column * COLUMNS) / panels.length,
        y: row * HEIGHT,
        width: COLUMNS / panels.length,
        height: HEIGHT,
        properties: { title, region, view: "timeSeries", period: 60, metrics: metrics.map(metricEntry) },
      })),
    ),
  };
}

function consumerRow({ id, queueName, deadLetterQueueName, functionName }: ConsumerIdentity): Panel[] {
  return [
    panel(
      `Queue ${id}: waiting, in flight, set aside`,
      queueMetric(queueName, "ApproximateNumberOfMessagesVisible"),
      queueMetric(queueName, "ApproximateNumberOfMessagesNotVisible"),
      queueMetric(deadLetterQueueName, "ApproximateNumberOfMessagesVisible"),
    ),
    panel(`Queue ${id}: age of oldest (s)`, queueMetric(queueName, "ApproximateAgeOfOldestMessage")),
    panel(
      `Function ${id}: runs and errors`,
      functionMetric(functionName, "Invocations"),
      functionMetric(functionName, "Errors"),
      functionMetric(functionName, "Throttles"),
    ),
    panel(
      `Function ${id}: duration (ms)`,
      functionMetric(functionName, "Duration", "p99"),
      functionMetric(functionName, "Duration", "Maximum"),
    ),
  ];
}

function panel(title: string, ...metrics: readonly Metric[]): Panel {
  return { title, metrics };
}

/** Returns a metric in the widget's format: namespace, name, each dimension's name and value, and options. */
function metricEntry({ namespace, name, dimensions, statistic }: Metric): readonly unknown[] {
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic }];
}
