import { printable } from "@event-pipeline/node-process/printable";
import {
  confirmSubscription,
  createTopic,
  deleteTopic,
  getTopicAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  listTagsForResource,
  listTopics,
  type SnsActionHandler,
  SnsError,
  setTopicAttributes,
  tagResource,
  unsubscribe,
  untagResource,
} from "../fauxqs/parts";
import type { Service } from "../gateway/gateway";
import { AwsError, sendXml } from "../protocols/responses";
import { SNS } from "../supported-actions";
import { type Form, stringMapOf } from "./form";
import { invalidParameter } from "./message";
import { Publishing } from "./publishing";
import { SubscriptionDelivery, type SubscriptionDeliveryOptions } from "./subscription-delivery";
import { Subscriptions } from "./subscriptions";

/** Creates the SNS emulator. */
export function snsService(options: SubscriptionDeliveryOptions): Service {
  const publishing = new Publishing(options.sns, new SubscriptionDelivery(options));
  const subscriptions = new Subscriptions(options.sns, options.deliveryBuffers);
  const actions: Readonly<Record<string, SnsActionHandler>> = {
    ConfirmSubscription: confirmSubscription,
    CreateTopic: (form, ...rest) => {
      validateNewTopic(form);
      return createTopic(form, ...rest);
    },
    DeleteTopic: deleteTopic,
    GetSubscriptionAttributes: (form) => subscriptions.getAttributes(form),
    GetTopicAttributes: getTopicAttributes,
    ListSubscriptions: listSubscriptions,
    ListSubscriptionsByTopic: listSubscriptionsByTopic,
    ListTagsForResource: listTagsForResource,
    ListTopics: listTopics,
    Publish: (form) => publishing.publish(form),
    PublishBatch: (form) => publishing.publishBatch(form),
    SetSubscriptionAttributes: (form) => subscriptions.setAttributes(form),
    SetTopicAttributes: setTopicAttributes,
    Subscribe: (form) => subscriptions.subscribe(form),
    TagResource: tagResource,
    Unsubscribe: unsubscribe,
    UntagResource: untagResource,
  };
  return {
    services: [SNS],
    async handle(request, response, { action }, form) {
      try {
        // fauxqs's handlers use only the request's headers.
        const xml = await actions[action]?.(Object.fromEntries(form ?? []), options.sns, options.sqs, request as never);
        sendXml(response, String(xml));
      } catch (error) {
        if (!(error instanceof SnsError)) throw error;
        // XML cannot contain unprintable characters.
        throw new AwsError(error.code, printable(error.message), error.statusCode);
      }
    },
  };
}

/** Topic attributes that CreateTopic accepts. Message archiving and data protection are not supported. */
const TOPIC_ATTRIBUTES = [
  "ContentBasedDeduplication",
  "DeliveryPolicy",
  "DisplayName",
  "FifoThroughputScope",
  "FifoTopic",
  "KmsMasterKeyId",
  "Policy",
  "SignatureVersion",
  "TracingConfig",
];

/**
 * Validates the parameters of CreateTopic.
 *
 * @throws SnsError InvalidParameter for an unsupported parameter or attribute.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
function validateNewTopic(form: Form): void {
  const unknown = Object.keys(stringMapOf(form, "Attributes")).find((name) => !TOPIC_ATTRIBUTES.includes(name));
  if (unknown !== undefined) {
    throw invalidParameter(
      `Attributes Reason: the local run does not support ${unknown} for topics. Supported attributes: ${TOPIC_ATTRIBUTES.join(", ")}`,
    );
  }
  if (form.DataProtectionPolicy !== undefined) {
    throw invalidParameter("DataProtectionPolicy: not supported by the local run");
  }
}
