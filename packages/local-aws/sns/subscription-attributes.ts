import { FilterPolicyError, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import {
  DEFAULT_FILTER_POLICY_SCOPE,
  FILTER_POLICY_SCOPES,
  type FilterPolicyScope,
} from "@event-pipeline/sns-filter-policy/scope";
import { deadLetterTarget } from "../dead-letter-target";
import type { SnsError, SnsSubscription } from "../fauxqs/parts";
import { invalid } from "./message";

type Attributes = Readonly<Record<string, string>>;

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
 * Refuses attributes that SNS would refuse for a subscription.
 *
 * @param place - What SNS writes before the reason: `Attributes Reason: ` where Subscribe has them.
 * @throws SnsError InvalidParameter.
 */
export function checkSubscriptionAttributes(attributes: Attributes, place = ""): void {
  const refuse = (reason: string): SnsError => invalid(`${place}${reason}`);
  const { FilterPolicy, FilterPolicyScope: scope = DEFAULT_FILTER_POLICY_SCOPE, RawMessageDelivery } = attributes;
  const unknown = Object.keys(attributes).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw refuse(`AttributeName: there is no ${unknown}. There are ${NAMES.join(", ")}`);
  if (!FILTER_POLICY_SCOPES.includes(scope as FilterPolicyScope)) {
    throw refuse(`FilterPolicyScope: Invalid value [${scope}]. Please use either ${FILTER_POLICY_SCOPES.join(" or ")}`);
  }
  if (RawMessageDelivery !== undefined && !/^(?:true|false)$/i.test(RawMessageDelivery)) {
    throw refuse(`RawMessageDelivery: Invalid value [${RawMessageDelivery}]. Must be true or false`);
  }
  const redriveProblem = redrivePolicyProblem(attributes.RedrivePolicy);
  if (redriveProblem !== undefined) throw refuse(`RedrivePolicy: ${redriveProblem}`);
  // An empty text takes the policy away.
  if (FilterPolicy) checkFilterPolicy(FilterPolicy, scope as FilterPolicyScope, refuse);
}

function checkFilterPolicy(json: string, scope: FilterPolicyScope, refuse: (reason: string) => SnsError): void {
  try {
    parseFilterPolicyJson(json, scope);
  } catch (error) {
    throw error instanceof FilterPolicyError ? refuse(`FilterPolicy: ${error.message}`) : error;
  }
}

function redrivePolicyProblem(policy: string | undefined): string | undefined {
  if (!policy || deadLetterTarget(policy)?.startsWith("arn:")) return undefined;
  return `it must be JSON with the deadLetterTargetArn of a queue, and is ${policy}`;
}

/** All of a subscription's attributes, as SNS gives them out: those that are set, and what stands for those that are not. */
export function attributesOfSubscription(subscription: SnsSubscription): Attributes {
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
    // It shows beside a policy only.
    ...(set.FilterPolicy !== undefined && { FilterPolicyScope }),
  };
}
