import {
  type FilterPolicy,
  FilterPolicyError,
  parseFilterPolicyJson,
} from "@event-pipeline/sns-filter-policy/filter-policy";
import {
  DEFAULT_FILTER_POLICY_SCOPE,
  FILTER_POLICY_SCOPES,
  type FilterPolicyScope,
} from "@event-pipeline/sns-filter-policy/scope";
import { NotSupported } from "../protocols/invalid-input";
import { invalidParameter, parseJsonObject } from "./errors";

export type SubscriptionAttributes = Readonly<Record<string, string>>;

/** The meaning of a subscription's attributes, parsed once. */
export interface DeliveryRules {
  readonly isRaw: boolean;
  /** Filter; undefined if the subscription receives every message. */
  readonly filter: FilterPolicy | undefined;
  readonly deadLetterQueueArn: string | undefined;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
const ATTRIBUTE_NAMES = [
  ...["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"],
  "SubscriptionRoleArn",
];

/** Values of attributes that are not set. */
export const SUBSCRIPTION_DEFAULTS: SubscriptionAttributes = {
  RawMessageDelivery: "false",
  FilterPolicyScope: DEFAULT_FILTER_POLICY_SCOPE,
};

/** Returns valid attributes as AWS keeps them: without empty values, which remove an attribute. */
export function normalizeAttributes(attributes: SubscriptionAttributes): SubscriptionAttributes {
  const entries = Object.entries(attributes).filter(([, value]) => value !== "");
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name === "RawMessageDelivery" ? value.toLowerCase() : value]),
  );
}

/**
 * Parses the attributes of a subscription.
 *
 * @param prefix - Text before the reason: `Attributes Reason: ` for Subscribe.
 * @throws AwsError for attributes that AWS would reject.
 */
export function parseSubscriptionAttributes(attributes: SubscriptionAttributes, prefix = ""): DeliveryRules {
  const invalid = (reason: string) => invalidParameter(`${prefix}${reason}`);
  const unknown = Object.keys(attributes).find((name) => !ATTRIBUTE_NAMES.includes(name));
  if (unknown === "ReplayPolicy") throw new NotSupported("the subscription attribute ReplayPolicy of FIFO topics");
  if (unknown !== undefined) {
    throw invalid(`AttributeName: expected one of ${ATTRIBUTE_NAMES.join(", ")}, not ${unknown}`);
  }
  const { FilterPolicyScope: scope = "", RawMessageDelivery: raw = "" } = { ...SUBSCRIPTION_DEFAULTS, ...attributes };
  const { DeliveryPolicy, FilterPolicy, RedrivePolicy, SubscriptionRoleArn: roleArn } = attributes;
  if (!FILTER_POLICY_SCOPES.includes(scope as FilterPolicyScope)) {
    throw invalid(
      `FilterPolicyScope: Invalid value [${scope}]. Please use either ${FILTER_POLICY_SCOPES.join(" or ")}`,
    );
  }
  if (!/^(?:true|false)$/i.test(raw)) {
    throw invalid(`RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`);
  }
  if (DeliveryPolicy) parseJsonObject(`${prefix}DeliveryPolicy: failed to parse JSON`, DeliveryPolicy);
  if (roleArn && !/^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(roleArn)) {
    throw invalid(`SubscriptionRoleArn: expected the ARN of a role, not "${roleArn}"`);
  }
  return {
    isRaw: raw.toLowerCase() === "true",
    filter: FilterPolicy ? parseFilter(FilterPolicy, scope as FilterPolicyScope, invalid) : undefined,
    deadLetterQueueArn: RedrivePolicy ? deadLetterQueueArn(RedrivePolicy, prefix) : undefined,
  };
}

function parseFilter(json: string, scope: FilterPolicyScope, invalid: (reason: string) => Error): FilterPolicy {
  try {
    return parseFilterPolicyJson(json, scope);
  } catch (error) {
    throw error instanceof FilterPolicyError ? invalid(`FilterPolicy: ${error.message}`) : error;
  }
}

function deadLetterQueueArn(json: string, prefix: string): string {
  const { deadLetterTargetArn: arn } = parseJsonObject(`${prefix}RedrivePolicy: failed to parse JSON`, json);
  if (typeof arn !== "string" || !isQueueArn(arn)) {
    throw invalidParameter(
      `${prefix}RedrivePolicy: deadLetterTargetArn is an invalid arn: expected the ARN of a queue, not ${JSON.stringify(arn)}`,
    );
  }
  if (arn.endsWith(".fifo")) throw invalidParameter(`${prefix}RedrivePolicy: must use a standard queue as DLQ`);
  return arn;
}

export function isQueueArn(arn: string): boolean {
  return /^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]{1,80}$/.test(arn);
}
