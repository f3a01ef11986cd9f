import { DEFAULT_FILTER_POLICY_SCOPE } from "@event-pipeline/sns-filter-policy/scope";
import { escapeXml, SnsError, type SnsStore, type SnsSubscription, snsSuccessResponse } from "../fauxqs/parts";
import type { Intakes } from "../firehose/intakes";
import { type Form, textMapOf } from "./form";
import { invalid } from "./message";
import { attributesOfSubscription, checkSubscriptionAttributes } from "./subscription-attributes";

/** What SNS delivers to and this run does not. */
const OTHER_PROTOCOLS = ["http", "https", "email", "email-json", "sms", "application", "lambda"];

/** What SNS takes an attribute for that nobody has set. */
const DEFAULTS: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: DEFAULT_FILTER_POLICY_SCOPE,
};

/** The actions that make subscriptions and change them. Only what is delivered to is taken. */
export class Subscribing {
  constructor(
    private readonly sns: SnsStore,
    private readonly intakes: Intakes,
  ) {}

  /** @see https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
  subscribe(form: Form): string {
    const { TopicArn = "", Protocol = "", Endpoint = "" } = form;
    const attributes = textMapOf(form, "Attributes");
    this.checkEndpoint(Protocol, Endpoint, attributes);
    checkSubscriptionAttributes(attributes, "Attributes Reason: ");
    const subscription =
      this.subscribed(TopicArn, Protocol, Endpoint, attributes) ??
      this.sns.subscribe(TopicArn, Protocol, Endpoint, attributes);
    if (!subscription) throw new SnsError("NotFound", `Topic does not exist: ${TopicArn}`, 404);
    this.confirm(subscription);
    return snsSuccessResponse("Subscribe", `<SubscriptionArn>${escapeXml(subscription.arn)}</SubscriptionArn>`);
  }

  /** @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
  setAttributes(form: Form): string {
    const subscription = this.subscriptionOf(form);
    const { AttributeName = "", AttributeValue = "" } = form;
    const attributes = { ...subscription.attributes, [AttributeName]: AttributeValue };
    checkSubscriptionAttributes(attributes);
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

  /** The subscription that there is already. SNS gives it out again, unless it has other values for what is asked. */
  private subscribed(topicArn: string, protocol: string, endpoint: string, asked: Record<string, string>) {
    const subscriptions = this.sns.getTopic(topicArn)?.subscriptionArns.map((arn) => this.sns.getSubscription(arn));
    const subscription = subscriptions?.find((each) => each?.protocol === protocol && each.endpoint === endpoint);
    if (!subscription) return undefined;
    const { attributes } = subscription;
    const other = Object.keys(asked).find((name) => asked[name] !== (attributes[name] || DEFAULTS[name] || ""));
    if (other === undefined) return subscription;
    throw invalid(
      `Attributes Reason: Subscription already exists with different attributes: ${subscription.arn}, whose ${other} is another`,
    );
  }

  private checkEndpoint(protocol: string, endpoint: string, { SubscriptionRoleArn }: Record<string, string>): void {
    if (OTHER_PROTOCOLS.includes(protocol)) {
      throw invalid(
        `Protocol: the local run delivers to sqs and firehose, and never to ${protocol}, so it takes no such subscription`,
      );
    }
    if (protocol === "sqs") {
      if (!/^arn:[^:]*:sqs:[^:]+:\d{12}:[\w.-]+$/.test(endpoint)) {
        throw invalid(`SQS endpoint ARN: it is "${endpoint}", which is no queue's ARN`);
      }
      return;
    }
    if (protocol !== "firehose") throw invalid(`Does not support this protocol string: ${protocol}`);
    if (!this.intakes.has(endpoint)) {
      throw invalid(`Endpoint: the local run has no delivery stream "${endpoint}". It has those of its stack`);
    }
    if (!SubscriptionRoleArn)
      throw invalid("Attributes Reason: SubscriptionRoleArn: a firehose subscription must have it");
  }

  /** fauxqs has queues' subscriptions confirmed alone; SNS has those of streams too. */
  private confirm(subscription: SnsSubscription): void {
    if (subscription.confirmed) return;
    subscription.confirmed = true;
    this.sns.persistence?.insertSubscription(subscription);
  }
}
