import { type AttributeChange, managed, type Plan, updatesInPlace } from "../terraform/harness/plan";

/** Attributes that ministack forgets, so that each plan after a deploy updates them. */
interface PlanDifference {
  readonly type: string;
  readonly attributes: readonly string[];
  readonly reason: string;
  /** Returns whether only ministack caused a change of one of the attributes. */
  readonly isMinistacks: (change: AttributeChange) => boolean;
}

export const PLAN_DIFFERENCES: readonly PlanDifference[] = [
  {
    type: "aws_cloudwatch_metric_alarm",
    attributes: [
      "actions_enabled",
      "alarm_actions",
      "alarm_description",
      "dimensions",
      "period",
      "statistic",
      "treat_missing_data",
    ],
    reason: "DescribeAlarms answers the provider's query protocol without these members",
    isMinistacks: ({ before }) =>
      [undefined, null, "", "missing", 0, false, "[]", "{}"].some((empty) => empty === plain(before)),
  },
  {
    type: "aws_kinesis_firehose_delivery_stream",
    attributes: ["extended_s3_configuration"],
    reason: "DescribeDeliveryStream answers without CustomTimeZone",
    isMinistacks: ({ before, after }) => withoutTimeZone(before) === withoutTimeZone(after),
  },
];

/** Returns every change of a plan that ministack did not cause. */
export function stackDifferences(plan: Plan): string[] {
  const others = managed(plan)
    .filter(({ change }) => !["no-op", "update"].includes(change.actions.join()))
    .map(({ address, change }) => `${address}: ${change.actions.join(", ")}`);
  const updates = updatesInPlace(plan)
    .filter((change) => !PLAN_DIFFERENCES.some((difference) => isDue(difference, change)))
    .map(({ address, attribute, before, after }) => `${address}.${attribute}: ${JSON.stringify({ before, after })}`);
  return [...others, ...updates];
}

/** Returns the listed attributes that a plan does not change, because ministack now keeps them. */
export function outdatedAttributes(plan: Plan, difference: PlanDifference): string[] {
  const due = updatesInPlace(plan).filter((change) => isDue(difference, change));
  return difference.attributes.filter((attribute) => !due.some((change) => change.attribute === attribute));
}

function isDue({ type, attributes, isMinistacks }: PlanDifference, change: AttributeChange): boolean {
  return change.address.startsWith(`${type}.`) && attributes.includes(change.attribute) && isMinistacks(change);
}

function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

function withoutTimeZone(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => (key === "custom_time_zone" ? undefined : inner));
}
