import type { SubscribeInput, SubscribeResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { NotSupported } from "../../protocols/invalid-input";
import { invalidParameter } from "../errors";
import type { Sns } from "../sns";
import {
  isQueueArn,
  normalizeAttributes,
  parseSubscriptionAttributes,
  SUBSCRIPTION_DEFAULTS,
  type SubscriptionAttributes,
} from "../subscription-attributes";
import type { StoredSubscription, Topic } from "../topic";
import { DEFAULT_MAX_MESSAGE_BYTES, MAX_LARGE_MESSAGE_SUBSCRIPTIONS } from "../topic-attributes";

const UNSUPPORTED_PROTOCOLS = ["http", "https", "email", "email-json", "sms", "application", "lambda"];

export const Subscribe: Action<SubscribeInput, SubscribeResponse, Sns> = {
  handles: ["TopicArn", "Protocol", "Endpoint", "Attributes", "ReturnSubscriptionArn"],
  differs: "supports the protocols `sqs` and `firehose`; confirms subscriptions automatically",
  run({ TopicArn, Protocol = "", Endpoint: endpoint = "", Attributes: attributes = {} }, sns, { caller }) {
    const topic = sns.topic(TopicArn);
    const protocol = supportedProtocol(Protocol);
    validateEndpoint(protocol, endpoint, attributes, sns);
    const existing = [...topic.subscriptions.values()]
      .map(({ stored }) => stored)
      .find((stored) => stored.protocol === protocol && stored.endpoint === endpoint);
    if (existing) {
      parseSubscriptionAttributes(attributes, "Attributes Reason: ");
      assertSameAttributes(existing, normalizeAttributes(attributes));
      return { SubscriptionArn: existing.arn };
    }
    validateCount(topic);
    const options = { topicArn: topic.arn, protocol, endpoint, principal: caller.arn, attributes };
    return { SubscriptionArn: sns.subscribe(options).stored.arn };
  },
};

function supportedProtocol(protocol: string): StoredSubscription["protocol"] {
  if (protocol === "sqs" || protocol === "firehose") return protocol;
  if (UNSUPPORTED_PROTOCOLS.includes(protocol)) throw new NotSupported(`the protocol ${protocol}`);
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
}

function validateEndpoint(
  protocol: StoredSubscription["protocol"],
  endpoint: string,
  { SubscriptionRoleArn }: SubscriptionAttributes,
  { firehose }: Sns,
): void {
  if (protocol === "firehose") {
    if (!firehose.streamByArn(endpoint)) {
      throw invalidParameter(`Endpoint Reason: there is no delivery stream "${endpoint}"`);
    }
    if (!SubscriptionRoleArn) {
      throw invalidParameter("Attributes Reason: SubscriptionRoleArn: required for a firehose subscription");
    }
    return;
  }
  if (!isQueueArn(endpoint)) {
    throw invalidParameter(`SQS endpoint ARN: expected the ARN of a queue, not "${endpoint}"`);
  }
  if (endpoint.endsWith(".fifo")) {
    throw invalidParameter("Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
  }
}

function assertSameAttributes({ arn, attributes }: StoredSubscription, requested: SubscriptionAttributes): void {
  const current: SubscriptionAttributes = { ...SUBSCRIPTION_DEFAULTS, ...attributes };
  const different = Object.keys(requested).find((name) => requested[name] !== current[name]);
  if (different === undefined) return;
  throw invalidParameter(
    `Attributes Reason: Subscription already exists with different attributes: ${arn} has a different ${different}`,
  );
}

function validateCount({ maxMessageBytes, subscriptions }: Topic): void {
  if (maxMessageBytes <= DEFAULT_MAX_MESSAGE_BYTES || subscriptions.size < MAX_LARGE_MESSAGE_SUBSCRIPTIONS) return;
  throw invalidParameter(
    `TopicArn Reason: a topic with a MaximumMessageSize above ${DEFAULT_MAX_MESSAGE_BYTES} can have ${MAX_LARGE_MESSAGE_SUBSCRIPTIONS} subscriptions`,
  );
}
