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
import { type Form, textMapOf } from "./form";
import { invalidParameter } from "./message";
import { Publishing } from "./publishing";
import { SubscriptionDelivery, type SubscriptionDeliveryProps } from "./subscription-delivery";
import { Subscriptions } from "./subscriptions";

/** Creates SNS. */
export function snsService(props: SubscriptionDeliveryProps): Service {
  const publishing = new Publishing(props.sns, new SubscriptionDelivery(props));
  const subscriptions = new Subscriptions(props.sns, props.deliveryBuffers);
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
        // The handlers use the headers only.
        const xml = await actions[action]?.(Object.fromEntries(form ?? []), props.sns, props.sqs, request as never);
        sendXml(response, String(xml));
      } catch (error) {
        if (!(error instanceof SnsError)) throw error;
        // XML cannot contain unprintable characters.
        throw new AwsError(error.code, printable(error.message), error.statusCode);
      }
    },
  };
}

/** Attributes of topics that the local run keeps. SNS's archive and data protection are not supported. */
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
 * @throws SnsError InvalidParameter for an invalid or unsupported one.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
 */
function validateNewTopic(form: Form): void {
  const unknown = Object.keys(textMapOf(form, "Attributes")).find((name) => !TOPIC_ATTRIBUTES.includes(name));
  if (unknown !== undefined) {
    throw invalidParameter(
      `Attributes Reason: the local run does not support ${unknown} for topics. It supports ${TOPIC_ATTRIBUTES.join(", ")}`,
    );
  }
  if (form.DataProtectionPolicy !== undefined) {
    throw invalidParameter("DataProtectionPolicy: the local run does not support it");
  }
}
