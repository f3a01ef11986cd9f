import type { MetricDatum, PutMetricDataInput } from "@aws-sdk/client-cloudwatch";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import { type CloudWatch, dimensionsOf, invalidParameter } from "../cloudwatch";
import { type Statistics, statisticsOf } from "../metric";

const MAX_DATA = 1_000;
const MAX_VALUES = 150;
const MAX_DIMENSIONS = 30;
const MAX_PAST_MS = 14 * 86_400_000;
const MAX_FUTURE_MS = 2 * 3_600_000;
const MAX_VALUE = 2 ** 360;
const UNIT =
  /^(?:None|Percent|Count(?:\/Second)?|Seconds|Microseconds|Milliseconds|(?:(?:Kilo|Mega|Giga|Tera)(?:byte|bit)s|Bytes|Bits)(?:\/Second)?)$/;

export const PutMetricData: Action<PutMetricDataInput, void, CloudWatch> = {
  handles: [
    "Namespace",
    "MetricData.MetricName",
    "MetricData.Dimensions.Name",
    "MetricData.Dimensions.Value",
    "MetricData.Timestamp",
    "MetricData.Value",
    "MetricData.Values",
    "MetricData.Counts",
    "MetricData.StatisticValues.SampleCount",
    "MetricData.StatisticValues.Sum",
    "MetricData.StatisticValues.Minimum",
    "MetricData.StatisticValues.Maximum",
    "MetricData.Unit",
    "MetricData.StorageResolution",
  ],
  differs: "keeps data for each minute, also with a StorageResolution of 1",
  run({ Namespace = "", MetricData = [] }, cloudwatch, { clock }) {
    if (!/^[^:].{0,254}$/.test(Namespace) || Namespace.startsWith("AWS/")) {
      throw invalidParameter(`Invalid Namespace "${Namespace}": it must not begin with a colon or with AWS/.`);
    }
    if (MetricData.length === 0)
      throw new AwsError("MissingRequiredParameterException", "MetricData must not be empty.");
    if (MetricData.length > MAX_DATA) throw invalidParameter(`MetricData must have at most ${MAX_DATA} elements.`);
    const now = clock.now();
    const data = MetricData.map((datum) => ({
      ...datum,
      statistics: statisticsIn(datum),
      timestamp: timestampIn(datum, now),
    }));
    for (const { MetricName = "", Dimensions, Unit = "None", statistics, timestamp } of data) {
      const id = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
      cloudwatch.add(id, statistics, Unit, timestamp);
    }
  },
};

/** @throws AwsError for an invalid element of MetricData. */
function statisticsIn(datum: MetricDatum): Statistics {
  const { MetricName = "", Dimensions = [], Value, Values, Counts, StatisticValues, Unit = "None" } = datum;
  if (MetricName === "" || MetricName.length > 255) throw invalidParameter("MetricName must have 1 to 255 characters.");
  if (!UNIT.test(Unit)) throw invalidParameter(`Invalid Unit "${Unit}": expected a unit such as Count or Seconds.`);
  if (Dimensions.length > MAX_DIMENSIONS) throw invalidParameter(`A metric has at most ${MAX_DIMENSIONS} dimensions.`);
  const given = [Value, Values, StatisticValues].filter((each) => each !== undefined);
  if (given.length !== 1) {
    const message = `${MetricName} must have exactly one of Value, Values and StatisticValues.`;
    throw new AwsError("InvalidParameterCombinationException", message);
  }
  if (Values && (Values.length === 0 || Values.length > MAX_VALUES || (Counts && Counts.length !== Values.length))) {
    throw invalidParameter(`Values must have 1 to ${MAX_VALUES} elements, and Counts as many.`);
  }
  const statistics = (StatisticValues as Statistics | undefined) ?? statisticsOf(Values ?? [Value as number], Counts);
  if (!(statistics.SampleCount > 0 && statistics.Minimum <= statistics.Maximum)) {
    throw invalidParameter(
      `${MetricName} must have a SampleCount above 0, and a Minimum that is not above the Maximum.`,
    );
  }
  if (![statistics.Minimum, statistics.Maximum].every((value) => Math.abs(value) <= MAX_VALUE)) {
    throw invalidParameter(`${MetricName} must have values from -2^360 to 2^360.`);
  }
  return statistics;
}

/** @throws AwsError for a time more than two weeks ago, or more than two hours in the future. */
function timestampIn({ Timestamp }: MetricDatum, now: number): number {
  const timestamp = Timestamp?.getTime() ?? now;
  if (timestamp >= now - MAX_PAST_MS && timestamp <= now + MAX_FUTURE_MS) return timestamp;
  throw invalidParameter("Timestamp must be at most two weeks in the past, and at most two hours in the future.");
}
