import { printable } from "@event-pipeline/node-process/printable";
import { createTopic, SnsError, SnsRouter, type SnsStore, type SqsStore } from "../fauxqs/parts";
import { checkNewTopic } from "./check-new-topic";
import { Publishing } from "./publishing";
import { Subscribing } from "./subscribing";
import { SubscriptionDelivery, type SubscriptionDeliveryProps } from "./subscription-delivery";

type SnsAction = (...request: Parameters<typeof createTopic>) => string;

/** The actions of SNS that fauxqs does otherwise than AWS, each giving the XML of its answer. */
export function snsActions(props: SubscriptionDeliveryProps): Readonly<Record<string, SnsAction>> {
  const publishing = new Publishing(props.sns, new SubscriptionDelivery(props));
  const subscribing = new Subscribing(props.sns, props.intakes);
  return {
    CreateTopic: (form, ...stores) => {
      checkNewTopic(form);
      return createTopic(form, ...stores);
    },
    Publish: (form) => publishing.publish(form),
    PublishBatch: (form) => publishing.publishBatch(form),
    Subscribe: (form) => subscribing.subscribe(form),
    SetSubscriptionAttributes: (form) => subscribing.setAttributes(form),
    GetSubscriptionAttributes: (form) => subscribing.getAttributes(form),
  };
}

/** A router of fauxqs for these actions, which answers errors in SNS's format. */
export function snsRouter(sns: SnsStore, sqs: SqsStore, actions: ReturnType<typeof snsActions>): SnsRouter {
  const router = new SnsRouter(sns, sqs);
  for (const [action, handler] of Object.entries(actions))
    router.register(action, (...request) => withReadableErrors(() => handler(...request)));
  return router;
}

/** Errors repeat what was sent, and XML cannot hold every character. */
function withReadableErrors(answer: () => string): string {
  try {
    return answer();
  } catch (error) {
    throw error instanceof SnsError ? new SnsError(error.code, printable(error.message), error.statusCode) : error;
  }
}
