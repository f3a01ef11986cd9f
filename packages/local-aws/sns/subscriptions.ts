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
import { type Form, textMapOf } from "./form";
import { invalidParameter } from "./message";

/** Protocols of SNS that the local run does not support. */
const UNSUPPORTED_PROTOCOLS = ["http", "https", "email", "email-json", "sms", "application", "lambda"];

/** SNS's defaults of the attributes. */
const DEFAULTS: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: DEFAULT_FILTER_POLICY_SCOPE,
};

/** The actions that create and change subscriptions. They accept only endpoints that the local run delivers to. */
export class Subscriptions {
  constructor(
    private readonly sns: SnsStore,
    private readonly deliveryBuffers: DeliveryBuffers,
  ) {}

  /** @see https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
  subscribe(form: Form): string {
    const { TopicArn = "", Protocol = "", Endpoint = "" } = form;
    const attributes = textMapOf(form, "Attributes");
    this.validateEndpoint(Protocol, Endpoint, attributes);
    validateSubscriptionAttributes(attributes, "Attributes Reason: ");
    const subscription =
      this.existing(TopicArn, Protocol, Endpoint, attributes) ??
      this.sns.subscribe(TopicArn, Protocol, Endpoint, attributes);
    if (!subscription) throw new SnsError("NotFound", `Topic does not exist: ${TopicArn}`, 404);
    // fauxqs confirms only those of queues.
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

  /** Returns an existing subscription, as SNS does unless the requested attributes differ. */
  private existing(topicArn: string, protocol: string, endpoint: string, requested: Record<string, string>) {
    const subscriptions = this.sns.getTopic(topicArn)?.subscriptionArns.map((arn) => this.sns.getSubscription(arn));
    const subscription = subscriptions?.find((each) => each?.protocol === protocol && each.endpoint === endpoint);
    if (!subscription) return undefined;
    const { attributes } = subscription;
    const other = Object.keys(requested).find((name) => requested[name] !== (attributes[name] || DEFAULTS[name] || ""));
    if (other === undefined) return subscription;
    throw invalidParameter(
      `Attributes Reason: Subscription already exists with different attributes: ${subscription.arn} has another ${other}`,
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
function validateSubscriptionAttributes(attributes: SubscriptionAttributes, place = ""): void {
  const invalid = (reason: string): SnsError => invalidParameter(`${place}${reason}`);
  const {
    FilterPolicy,
    FilterPolicyScope: scope = DEFAULT_FILTER_POLICY_SCOPE,
    RawMessageDelivery,
    RedrivePolicy,
  } = attributes;
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

/** Returns the output of GetSubscriptionAttributes: the attributes that are set, and the defaults of the others. */
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
    // Shown only with a policy.
    ...(set.FilterPolicy !== undefined && { FilterPolicyScope }),
  };
}
