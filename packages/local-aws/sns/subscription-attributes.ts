import { FilterPolicyError, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import {
  DEFAULT_FILTER_POLICY_SCOPE,
  FILTER_POLICY_SCOPES,
  type FilterPolicyScope,
} from "@event-pipeline/sns-filter-policy/scope";
import { deadLetterTarget } from "../dead-letter-target";
import type { SnsError, SnsSubscription } from "../fauxqs/parts";
import { invalidParameter } from "./message";

type SubscriptionAttributes = Readonly<Record<string, string>>;

/** @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
const NAMES = [
  "DeliveryPolicy",
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
  "SubscriptionRoleArn",
];

/**
 * Validates the attributes of a subscription.
 *
 * @param place - Prefix of the reason: `Attributes Reason: ` for Subscribe.
 * @throws SnsError InvalidParameter.
 */
export function validateSubscriptionAttributes(attributes: SubscriptionAttributes, place = ""): void {
  const invalid = (reason: string): SnsError => invalidParameter(`${place}${reason}`);
  const { FilterPolicy, FilterPolicyScope: scope = DEFAULT_FILTER_POLICY_SCOPE, RawMessageDelivery } = attributes;
  const unknown = Object.keys(attributes).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw invalid(`AttributeName: expected one of ${NAMES.join(", ")}, not ${unknown}`);
  if (!FILTER_POLICY_SCOPES.includes(scope as FilterPolicyScope)) {
    throw invalid(
      `FilterPolicyScope: Invalid value [${scope}]. Please use either ${FILTER_POLICY_SCOPES.join(" or ")}`,
    );
  }
  if (RawMessageDelivery !== undefined && !/^(?:true|false)$/i.test(RawMessageDelivery)) {
    throw invalid(`RawMessageDelivery: Invalid value [${RawMessageDelivery}]. Must be true or false`);
  }
  const redriveProblem = redrivePolicyProblem(attributes.RedrivePolicy);
  if (redriveProblem !== undefined) throw invalid(`RedrivePolicy: ${redriveProblem}`);
  // An empty string removes the policy.
  if (FilterPolicy) validateFilterPolicy(FilterPolicy, scope as FilterPolicyScope, invalid);
}

function validateFilterPolicy(json: string, scope: FilterPolicyScope, invalid: (reason: string) => SnsError): void {
  try {
    parseFilterPolicyJson(json, scope);
  } catch (error) {
    throw error instanceof FilterPolicyError ? invalid(`FilterPolicy: ${error.message}`) : error;
  }
}

function redrivePolicyProblem(policy: string | undefined): string | undefined {
  if (!policy || deadLetterTarget(policy)?.startsWith("arn:")) return undefined;
  return `expected JSON with the deadLetterTargetArn of a queue, not ${policy}`;
}

/** Returns the output of GetSubscriptionAttributes: the attributes that are set, and the defaults of the others. */
export function attributesOfSubscription(subscription: SnsSubscription): SubscriptionAttributes {
  const { arn, topicArn, protocol, endpoint, confirmed, attributes } = subscription;
  const isSet = ([, value]: [string, string]) => value !== "";
  const { FilterPolicyScope = DEFAULT_FILTER_POLICY_SCOPE, ...set } = Object.fromEntries(
    Object.entries(attributes).filter(isSet),
  );
  const owner = topicArn.split(":")[4] ?? "";
  return {
    SubscriptionArn: arn,
    TopicArn: topicArn,
    Protocol: protocol,
    Endpoint: endpoint,
    Owner: owner,
    ConfirmationWasAuthenticated: "true",
    PendingConfirmation: String(!confirmed),
    SubscriptionPrincipal: `arn:aws:iam::${owner}:user/local`,
    RawMessageDelivery: "false",
    ...set,
    // Shown only with a policy.
    ...(set.FilterPolicy !== undefined && { FilterPolicyScope }),
  };
}
