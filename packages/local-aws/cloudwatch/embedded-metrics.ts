import { parseJsonLine } from "../logs/log-line";
import type { Dimensions, MetricId } from "./metric";

/** Maximum number of values of a metric in one log line. */
const MAX_VALUES = 100;

/** Values of a metric in a log line. */
export interface EmbeddedMetric extends MetricId {
  readonly values: readonly number[];
  readonly unit: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}

/**
 * Returns the metrics in a log line. What is invalid is passed over, as CloudWatch does.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): EmbeddedMetric[] {
  if (!line.includes('"_aws"')) return [];
  const members = parseJsonLine(line) ?? {};
  const { CloudWatchMetrics: directives, Timestamp: timestamp } = Object(members._aws) as Record<string, unknown>;
  if (typeof timestamp !== "number") return [];
  return list<Directive>(directives).flatMap(({ Namespace: namespace, Dimensions: sets, Metrics }) => {
    if (typeof namespace !== "string" || namespace === "") return [];
    return list<unknown>(sets).flatMap((names) => {
      const entries = list<string>(names).map((name) => [name, members[name]] as const);
      if (!entries.every(([, value]) => typeof value === "string")) return [];
      const dimensions = Object.fromEntries(entries) as Dimensions;
      return list<{ Name?: unknown; Unit?: unknown }>(Metrics).flatMap(({ Name: name, Unit = "None" }) => {
        const values = [typeof name === "string" ? members[name] : undefined].flat();
        if (values.length > MAX_VALUES || !values.every((value) => Number.isFinite(value))) return [];
        const unit = String(Unit);
        return { namespace, name: name as string, dimensions, values: values as number[], unit, timestamp };
      });
    });
  });
}

function list<Element>(value: unknown): Element[] {
  return Array.isArray(value) ? value.filter((element) => element !== null && element !== undefined) : [];
}
