import type { CancelTimer } from "../clock";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import type { Sqs } from "../sqs/sqs";
import { embeddedMetrics } from "./embedded-metrics";
import { type Dimensions, Metric, type MetricId, MINUTE_MS, type Statistics, statisticsOf } from "./metric";

/** Maximum number of metrics; the one that was created first is dropped. */
const MAX_METRICS = 1_000;

/** Metrics of the functions, of the queues and of clients, in memory. */
export class CloudWatch {
  private readonly metrics = new Map<string, Metric>();
  private cancel: CancelTimer = () => undefined;

  /** @param sqs - Measured once a minute. */
  constructor(
    private readonly host: Host,
    private readonly sqs?: Sqs,
  ) {
    if (sqs) this.measureQueues();
  }

  stop(): void {
    this.cancel();
  }

  /** Metrics in the order of creation. */
  all(): readonly Metric[] {
    return [...this.metrics.values()];
  }

  find(id: MetricId): Metric | undefined {
    return this.metrics.get(keyOf(id));
  }

  /** Adds values of one moment. */
  record(namespace: string, name: string, dimensions: Dimensions, values: readonly number[], unit: string): void {
    this.add({ namespace, name, dimensions }, statisticsOf(values), unit, this.host.clock.now());
  }

  /** @param timestamp - Milliseconds since 1970. */
  add(id: MetricId, statistics: Statistics, unit: string, timestamp: number): void {
    const key = keyOf(id);
    let metric = this.metrics.get(key);
    if (!metric) {
      metric = new Metric(id);
      this.metrics.set(key, metric);
      const [oldest] = this.metrics.keys();
      if (this.metrics.size > MAX_METRICS && oldest !== undefined) this.metrics.delete(oldest);
    }
    metric.add(statistics, unit, timestamp);
  }

  /** Adds the metrics in a line of a function's log. */
  readLogLine(line: string): void {
    for (const { values, unit, timestamp, ...id } of embeddedMetrics(line)) {
      this.add(id, statisticsOf(values), unit, timestamp);
    }
  }

  private measureQueues(): void {
    this.cancel = this.host.clock.after(MINUTE_MS, () => {
      for (const queue of this.sqs?.queues() ?? []) {
        const { visible, inFlight, delayed } = queue.counts();
        const record = (name: string, value: number, unit = "Count") =>
          this.record("AWS/SQS", name, { QueueName: queue.name }, [value], unit);
        record("ApproximateNumberOfMessagesVisible", visible);
        record("ApproximateNumberOfMessagesNotVisible", inFlight);
        record("ApproximateNumberOfMessagesDelayed", delayed);
        record("ApproximateAgeOfOldestMessage", queue.oldestMs() / 1_000, "Seconds");
      }
      this.measureQueues();
    });
  }
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  const sorted = Object.keys(dimensions).sort();
  return [namespace, name, ...sorted.flatMap((each) => [each, dimensions[each]])].join("\0");
}

/** Returns the error for an invalid parameter. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** Returns dimensions of a request by name. */
export function dimensionsOf(
  list: readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[] = [],
): Dimensions {
  return Object.fromEntries(list.map(({ Name = "", Value = "" }) => [Name, Value]));
}
