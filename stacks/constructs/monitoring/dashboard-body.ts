import { METRICS } from "@event-pipeline/event-model/metrics";
import type { pipelineNames } from "@event-pipeline/event-model/resource-names";
import type { ConsumerIdentity } from "../../consumer-identity";
import {
  eventMetric,
  functionMetric,
  indexMetric,
  type Metric,
  queueMetric,
  streamMetric,
  tableMetric,
  topicMetric,
} from "./metric";

/** CloudWatch's grid is 24 columns wide. */
const COLUMNS = 24;
const HEIGHT = 6;

interface Panel {
  readonly title: string;
  readonly metrics: readonly Metric[];
}

export interface DashboardProps {
  readonly region: string;
  readonly names: ReturnType<typeof pipelineNames>;
  readonly consumers: readonly ConsumerIdentity[];
  /** Name of the function that writes to the table. */
  readonly writer: string;
  /** Whether the table has an index by event id. */
  readonly eventIdIndex: boolean;
}

/**
 * The dashboard, laid out as the pipeline flows: a row for the topic, one for
 * each queue with its consumer, one for the table, one for the archive.
 */
export function dashboardBody({ region, names, consumers, writer, eventIdIndex }: DashboardProps): object {
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
        eventMetric(writer, METRICS.stored),
        eventMetric(writer, METRICS.folded),
        eventMetric(writer, METRICS.refused),
        eventMetric(writer, METRICS.retried),
        eventMetric(writer, METRICS.outOfTime),
        eventMetric(writer, METRICS.expired),
        eventMetric(writer, METRICS.unacknowledged),
      ),
      panel(
        "Events: age when stored (ms)",
        eventMetric(writer, METRICS.age, "p99"),
        eventMetric(writer, METRICS.age, "Maximum"),
      ),
      panel(
        "Table: throttled writes",
        tableMetric("WriteThrottleEvents", { TableName: names.table }),
        ...(eventIdIndex ? [indexMetric("WriteThrottleEvents", names.table)] : []),
      ),
      panel("Table: write units", tableMetric("ConsumedWriteCapacityUnits", { TableName: names.table })),
    ],
    [
      panel("Archive: age of oldest (s)", streamMetric(names.rawStream, "DeliveryToS3.DataFreshness", "Maximum")),
      panel("Archive: records", streamMetric(names.rawStream, "IncomingRecords", "Sum")),
      panel("Archive: throttled", streamMetric(names.rawStream, "ThrottledRecords", "Sum")),
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
        properties: { title, region, view: "timeSeries", period: 60, metrics: metrics.map(lineOf) },
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
      functionMetric(functionName, "Invocations", "Sum"),
      functionMetric(functionName, "Errors", "Sum"),
      functionMetric(functionName, "Throttles", "Sum"),
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

/** A line of a widget: namespace, name, dimensions in turn, and how it is drawn. */
function lineOf({ namespace, name, dimensions, statistic }: Metric): readonly unknown[] {
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic }];
}
