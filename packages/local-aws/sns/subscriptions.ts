import { FilterPolicyError, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import {
  DEFAULT_FILTER_POLICY_SCOPE,
  FILTER_POLICY_SCOPES,
  type FilterPolicyScope,
} from "@event-pipeline/sns-filter-policy/scope";
import { SnsError, type SnsStore, type SnsSubscription, snsSuccessResponse } from "../fauxqs/parts";
import type { DeliveryBuffers } from "../firehose/delivery-buffers";
import { escapeXml } from "../protocols/responses";
import { deadLetterTarget } from "../redrive-policy";
import { type Form, stringMapOf } from "./form";
import { invalidParameter } from "./message";

/** SNS protocols that the local run does not support. */
const UNSUPPORTED_PROTOCOLS = ["http", "https", "email", "email-json", "sms", "application", "lambda"];

/** Default values of subscription attributes. */
const DEFAULTS: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: DEFAULT_FILTER_POLICY_SCOPE,
};

/** Actions that create, change and describe subscriptions of queues and of the stack's delivery streams. */
export class Subscriptions {
  constructor(
    private readonly sns: SnsStore,
    private readonly deliveryBuffers: DeliveryBuffers,
  ) {}

  /** @see https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
  subscribe(form: Form): string {
    const { TopicArn = "", Protocol = "", Endpoint = "" } = form;
    const attributes = stringMapOf(form, "Attributes");
    this.validateEndpoint(Protocol, Endpoint, attributes);
    validateSubscriptionAttributes(attributes, "Attributes Reason: ");
    const subscription =
      this.existing(TopicArn, Protocol, Endpoint, attributes) ??
      this.sns.subscribe(TopicArn, Protocol, Endpoint, attributes);
    if (!subscription) throw new SnsError("NotFound", `Topic does not exist: ${TopicArn}`, 404);
    // fauxqs confirms only subscriptions with the protocol sqs.
    if (!subscription.confirmed) {
      subscription.confirmed = true;
      this.sns.persistence?.insertSubscription(subscription);
    }
    return snsSuccessResponse("Subscribe", `<SubscriptionArn>${escapeXml(subscription.arn)}</SubscriptionArn>`);
  }

  /** @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
  setAttributes(form: Form): string {
    const subscription = this.subscriptionOf(form);
    const { AttributeName = "", AttributeValue = "" } = form;
    const attributes = { ...subscription.attributes, [AttributeName]: AttributeValue };
    validateSubscriptionAttributes(attributes);
    subscription.attributes = attributes;
    this.sns.persistence?.updateSubscriptionAttributes(subscription.arn, attributes);
    return snsSuccessResponse("SetSubscriptionAttributes", "");
  }

  getAttributes(form: Form): string {
    const entries = Object.entries(attributesOfSubscription(this.subscriptionOf(form))).map(
      ([key, value]) => `<entry><key>${escapeXml(key)}</key><value>${escapeXml(value)}</value></entry>`,
    );
    return snsSuccessResponse("GetSubscriptionAttributes", `<Attributes>${entries.join("")}</Attributes>`);
  }

  private subscriptionOf({ SubscriptionArn = "" }: Form): SnsSubscription {
    const subscription = this.sns.getSubscription(SubscriptionArn);
    if (!subscription) throw new SnsError("NotFound", `Subscription does not exist: ${SubscriptionArn}`, 404);
    return subscription;
  }

  /** Returns the subscription if it exists already. As in SNS, other attributes than requested are an error. */
  private existing(topicArn: string, protocol: string, endpoint: string, requested: Record<string, string>) {
    const subscriptions = this.sns.getTopic(topicArn)?.subscriptionArns.map((arn) => this.sns.getSubscription(arn));
    const subscription = subscriptions?.find((each) => each?.protocol === protocol && each.endpoint === endpoint);
    if (!subscription) return undefined;
    const { attributes } = subscription;
    const different = Object.keys(requested).find(
      (name) => requested[name] !== (attributes[name] || DEFAULTS[name] || ""),
    );
    if (different === undefined) return subscription;
    throw invalidParameter(
      `Attributes Reason: Subscription already exists with different attributes: ${subscription.arn} has a different ${different}`,
    );
  }

  private validateEndpoint(protocol: string, endpoint: string, { SubscriptionRoleArn }: Record<string, string>): void {
    if (UNSUPPORTED_PROTOCOLS.includes(protocol)) {
      throw invalidParameter(`Protocol: the local run supports sqs and firehose, not ${protocol}`);
    }
    if (protocol === "sqs") {
      if (!/^arn:[^:]*:sqs:[^:]+:\d{12}:[\w.-]+$/.test(endpoint)) {
        throw invalidParameter(`SQS endpoint ARN: expected the ARN of a queue, not "${endpoint}"`);
      }
      return;
    }
    if (protocol !== "firehose") throw invalidParameter(`Does not support this protocol string: ${protocol}`);
    if (!this.deliveryBuffers.byArn.has(endpoint)) {
      throw invalidParameter(`Endpoint: the stack has no delivery stream "${endpoint}"`);
    }
    if (!SubscriptionRoleArn)
      throw invalidParameter("Attributes Reason: SubscriptionRoleArn: required for a firehose subscription");
  }
}

type SubscriptionAttributes = Readonly<Record<string, string>>;

/** @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
const ATTRIBUTE_NAMES = [
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
 * @param prefix - Text before the reason: `Attributes Reason: ` for Subscribe.
 * @throws SnsError InvalidParameter.
 */
function validateSubscriptionAttributes(attributes: SubscriptionAttributes, prefix = ""): void {
  const invalid = (reason: string): SnsError => invalidParameter(`${prefix}${reason}`);
  const {
    FilterPolicy,
    FilterPolicyScope: scope = DEFAULT_FILTER_POLICY_SCOPE,
    RawMessageDelivery,
    RedrivePolicy,
  } = attributes;
  const unknown = Object.keys(attributes).find((name) => !ATTRIBUTE_NAMES.includes(name));
  if (unknown !== undefined)
    throw invalid(`AttributeName: expected one of ${ATTRIBUTE_NAMES.join(", ")}, not ${unknown}`);
  if (!FILTER_POLICY_SCOPES.includes(scope as FilterPolicyScope)) {
    throw invalid(
      `FilterPolicyScope: Invalid value [${scope}]. Please use either ${FILTER_POLICY_SCOPES.join(" or ")}`,
    );
  }
  if (RawMessageDelivery !== undefined && !/^(?:true|false)$/i.test(RawMessageDelivery)) {
    throw invalid(`RawMessageDelivery: Invalid value [${RawMessageDelivery}]. Must be true or false`);
  }
  // An empty string removes a policy.
  if (RedrivePolicy && !deadLetterTarget(RedrivePolicy)?.startsWith("arn:")) {
    throw invalid(`RedrivePolicy: expected JSON with the deadLetterTargetArn of a queue, not ${RedrivePolicy}`);
  }
  try {
    if (FilterPolicy) parseFilterPolicyJson(FilterPolicy, scope as FilterPolicyScope);
  } catch (error) {
    throw error instanceof FilterPolicyError ? invalid(`FilterPolicy: ${error.message}`) : error;
  }
}

/** Returns the output of GetSubscriptionAttributes: the attributes that were set, and default values. */
function attributesOfSubscription(subscription: SnsSubscription): SubscriptionAttributes {
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
    // SNS returns the scope only with a filter policy.
    ...(set.FilterPolicy !== undefined && { FilterPolicyScope }),
  };
}
