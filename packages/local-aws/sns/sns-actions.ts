import { printable } from "@event-pipeline/node-process/printable";
import { createTopic, SnsError, SnsRouter, type SnsStore, type SqsStore } from "../fauxqs/parts";
import { type Form, textMapOf } from "./form";
import { invalidParameter } from "./message";
import { Publishing } from "./publishing";
import { Subscribing } from "./subscribing";
import { SubscriptionDelivery, type SubscriptionDeliveryProps } from "./subscription-delivery";

type SnsAction = (...request: Parameters<typeof createTopic>) => string;

/** Creates the actions of SNS in which fauxqs differs from AWS. Each returns the XML of its response. */
export function snsActions(props: SubscriptionDeliveryProps): Readonly<Record<string, SnsAction>> {
  const publishing = new Publishing(props.sns, new SubscriptionDelivery(props));
  const subscribing = new Subscribing(props.sns, props.deliveryBuffers);
  return {
    CreateTopic: (form, ...stores) => {
      validateNewTopic(form);
      return createTopic(form, ...stores);
    },
    Publish: (form) => publishing.publish(form),
    PublishBatch: (form) => publishing.publishBatch(form),
    Subscribe: (form) => subscribing.subscribe(form),
    SetSubscriptionAttributes: (form) => subscribing.setAttributes(form),
    GetSubscriptionAttributes: (form) => subscribing.getAttributes(form),
  };
}

/** Creates a router of fauxqs for the actions, which formats errors as SNS does. */
export function snsRouter(sns: SnsStore, sqs: SqsStore, actions: ReturnType<typeof snsActions>): SnsRouter {
  const router = new SnsRouter(sns, sqs);
  for (const [action, handler] of Object.entries(actions))
    router.register(action, (...request) => withPrintableErrors(() => handler(...request)));
  return router;
}

/** Escapes unprintable characters in errors, which XML cannot contain. */
function withPrintableErrors(run: () => string): string {
  try {
    return run();
  } catch (error) {
    throw error instanceof SnsError ? new SnsError(error.code, printable(error.message), error.statusCode) : error;
  }
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
export function validateNewTopic(form: Form): void {
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
