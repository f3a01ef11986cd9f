import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataQuery,
  MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import type { Action } from "../../gateway/service";
import { NotSupported } from "../../protocols/invalid-input";
import { type CloudWatch, dimensionsOf, invalidParameter } from "../cloudwatch";
import { MINUTE_MS, type Statistics } from "../metric";

const MAX_QUERIES = 500;

/** Statistics by name. */
const STATISTICS: Readonly<Record<string, (statistics: Statistics) => number>> = {
  Average: ({ Sum, SampleCount }) => Sum / SampleCount,
  Maximum: ({ Maximum }) => Maximum,
  Minimum: ({ Minimum }) => Minimum,
  SampleCount: ({ SampleCount }) => SampleCount,
  Sum: ({ Sum }) => Sum,
};

export const GetMetricData: Action<GetMetricDataInput, GetMetricDataOutput, CloudWatch> = {
  handles: [
    "StartTime",
    "EndTime",
    "ScanBy",
    "MetricDataQueries.Id",
    "MetricDataQueries.Label",
    "MetricDataQueries.ReturnData",
    "MetricDataQueries.MetricStat.Metric.Namespace",
    "MetricDataQueries.MetricStat.Metric.MetricName",
    "MetricDataQueries.MetricStat.Metric.Dimensions.Name",
    "MetricDataQueries.MetricStat.Metric.Dimensions.Value",
    "MetricDataQueries.MetricStat.Period",
    "MetricDataQueries.MetricStat.Stat",
    "MetricDataQueries.MetricStat.Unit",
  ],
  differs:
    "has queue sizes, function invocations, metrics in logs and those of clients, for the last 360 minutes with data; supports no expressions, percentiles or periods below 60 s",
  run({ MetricDataQueries: queries = [], StartTime, EndTime, ScanBy = "TimestampDescending" }, cloudwatch) {
    const [start, end] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
    if (start >= end) throw invalidParameter("The parameter StartTime must be less than the parameter EndTime.");
    if (!/^Timestamp(?:De|A)scending$/.test(ScanBy)) throw invalidParameter(`Invalid ScanBy "${ScanBy}".`);
    if (queries.length > MAX_QUERIES) throw invalidParameter(`A request has at most ${MAX_QUERIES} MetricDataQueries.`);
    const ids = queries.map(({ Id }) => Id);
    if (new Set(ids).size < ids.length) throw invalidParameter("The MetricDataQueries must have different IDs.");
    // As on AWS, the first minute counts as a whole.
    const firstMinute = Math.floor(start / MINUTE_MS) * MINUTE_MS;
    const MetricDataResults = queries
      .filter(({ ReturnData = true }) => ReturnData)
      .map((query) => resultOf(query, cloudwatch, firstMinute, end));
    if (ScanBy === "TimestampDescending") {
      for (const { Timestamps = [], Values = [] } of MetricDataResults)
        for (const list of [Timestamps, Values]) list.reverse();
    }
    return { MetricDataResults, Messages: [] };
  },
};

function resultOf(
  { Id = "", Label, MetricStat }: MetricDataQuery,
  cloudwatch: CloudWatch,
  start: number,
  end: number,
): MetricDataResult {
  if (!/^[a-z]\w{0,254}$/.test(Id)) {
    throw invalidParameter(`Invalid Id "${Id}": expected a lowercase letter, then letters, digits and underscores.`);
  }
  if (!MetricStat) throw invalidParameter(`The MetricDataQuery ${Id} must have a MetricStat.`);
  const { Metric: { Namespace = "", MetricName = "", Dimensions } = {}, Period = 0, Stat = "", Unit } = MetricStat;
  const statistic = Object.hasOwn(STATISTICS, Stat) ? STATISTICS[Stat] : undefined;
  if (!statistic) throw new NotSupported(`Stat ${Stat}`);
  if ([1, 5, 10, 20, 30].includes(Period)) throw new NotSupported(`Period ${Period}`);
  if (Period <= 0 || Period % 60 !== 0) throw invalidParameter(`Invalid Period ${Period}: expected a multiple of 60.`);
  const metric = cloudwatch.find({
    namespace: Namespace,
    name: MetricName,
    dimensions: dimensionsOf(Dimensions),
  });
  const periods = metric?.periods(start, end, Period * 1_000, Unit) ?? [];
  return {
    Id,
    Label: Label ?? MetricName,
    Timestamps: periods.map(([time]) => new Date(time)),
    Values: periods.map(([, statistics]) => statistic(statistics)),
    StatusCode: "Complete",
  };
}
