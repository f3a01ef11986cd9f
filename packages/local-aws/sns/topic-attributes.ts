import { ACCOUNT_ID } from "../account";
import { isPolicy } from "../policy-document";
import { NotSupported } from "../protocols/invalid-input";
import { invalidParameter, parseJsonObject } from "./errors";

export const DEFAULT_MAX_MESSAGE_BYTES = 256 * 1024;
const MIN_MESSAGE_BYTES = 1_024;
const MAX_MESSAGE_BYTES = 1_024 * 1_024;
/** Maximum number of subscriptions of a topic whose messages may exceed 256 KiB. */
export const MAX_LARGE_MESSAGE_SUBSCRIPTIONS = 100;

const MAX_DISPLAY_NAME_LENGTH = 100;

function oneOf(...values: string[]) {
  return (name: string, value: string) => {
    if (!values.includes(value)) throw invalidParameter(`${name}: expected ${values.join(" or ")}, not "${value}"`);
  };
}

/** Checks the value of each topic attribute, if it is not empty. Each check throws an AwsError. */
const CHECKS: Readonly<Record<string, (name: string, value: string) => void>> = {
  DeliveryPolicy: (name, value) => parseJsonObject(`${name}: failed to parse JSON`, value),
  DisplayName: (name, value) => {
    if (value.length <= MAX_DISPLAY_NAME_LENGTH && /^\P{Cc}*$/u.test(value)) return;
    throw invalidParameter(
      `${name}: expected at most ${MAX_DISPLAY_NAME_LENGTH} characters, without control characters`,
    );
  },
  KmsMasterKeyId: () => undefined,
  MaximumMessageSize: (name, value) => {
    const bytes = Number(value);
    if (/^\d+$/.test(value) && bytes >= MIN_MESSAGE_BYTES && bytes <= MAX_MESSAGE_BYTES) return;
    throw invalidParameter(
      `${name}: expected a whole number from ${MIN_MESSAGE_BYTES} to ${MAX_MESSAGE_BYTES}, not ${value}`,
    );
  },
  Policy: (name, value) => {
    if (isPolicy(value, "Principal", "sns")) return;
    throw invalidParameter(`${name}: expected a policy with a Principal and actions of SNS in each statement`);
  },
  SignatureVersion: oneOf("1", "2"),
  TracingConfig: oneOf("PassThrough", "Active"),
};

/** Attributes of FIFO topics, and logs of deliveries. They are known to AWS but have no effect here. */
const UNSUPPORTED =
  /^(?:FifoTopic|ContentBasedDeduplication|FifoThroughputScope|ArchivePolicy|\w+(?:Success|Failure)Feedback(?:RoleArn|SampleRate))$/;

/**
 * Validates an attribute of a topic. An empty value removes the attribute.
 *
 * @param prefix - Text before the reason: `Attributes Reason: ` for CreateTopic.
 * @returns whether the attribute has an effect.
 * @throws AwsError for an attribute that AWS would reject, and NotSupported for one without an effect here.
 */
export function validateTopicAttribute(name: string, value: string, prefix = ""): boolean {
  if (UNSUPPORTED.test(name)) {
    if (!["", "false", "0"].includes(value)) throw new NotSupported(`the topic attribute ${name} ${value}`);
    return false;
  }
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  if (!check)
    throw invalidParameter(`${prefix}AttributeName: expected one of ${Object.keys(CHECKS).join(", ")}, not ${name}`);
  if (value !== "") check(name, value);
  return true;
}

/** The policy of a topic without a policy: only the owner's account may use it. */
function defaultPolicy(topicArn: string): string {
  const actions = "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe";
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: `${actions} ListSubscriptionsByTopic Publish`.split(" ").map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": ACCOUNT_ID } },
      },
    ],
  });
}

/** SNS's retries for HTTP endpoints. */
const DEFAULT_HTTP_DELIVERY = {
  defaultHealthyRetryPolicy: {
    minDelayTarget: 20,
    maxDelayTarget: 20,
    numRetries: 3,
    numMaxDelayRetries: 0,
    numNoDelayRetries: 0,
    numMinDelayRetries: 0,
    backoffFunction: "linear",
  },
  disableSubscriptionOverrides: false,
  defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
};

/** Returns a topic's attributes as in GetTopicAttributes. */
export function effectiveTopicAttributes(
  arn: string,
  attributes: Readonly<Record<string, string>>,
  subscriptions: number,
): Record<string, string> {
  const { DeliveryPolicy: deliveryPolicy = "{}" } = attributes;
  const { http } = JSON.parse(deliveryPolicy) as { http?: object };
  return {
    Policy: defaultPolicy(arn),
    Owner: ACCOUNT_ID,
    SubscriptionsPending: "0",
    TopicArn: arn,
    EffectiveDeliveryPolicy: JSON.stringify({ http: { ...DEFAULT_HTTP_DELIVERY, ...Object(http) } }),
    SubscriptionsConfirmed: String(subscriptions),
    DisplayName: "",
    SubscriptionsDeleted: "0",
    ...attributes,
  };
}
