import { SnsRouter, type SnsStore, type SqsStore } from "../fauxqs/parts";
import type { Form } from "./form";
import { Publishing } from "./publishing";
import { Subscribing } from "./subscribing";
import { SubscriptionDelivery, type SubscriptionDeliveryProps } from "./subscription-delivery";

/** The actions of SNS that fauxqs does otherwise than AWS, each giving the XML of its answer. */
export function snsActions(props: SubscriptionDeliveryProps): Readonly<Record<string, (form: Form) => string>> {
  const publishing = new Publishing(props.sns, new SubscriptionDelivery(props));
  const subscribing = new Subscribing(props.sns, props.intakes);
  return {
    Publish: (form) => publishing.publish(form),
    PublishBatch: (form) => publishing.publishBatch(form),
    Subscribe: (form) => subscribing.subscribe(form),
    SetSubscriptionAttributes: (form) => subscribing.setAttributes(form),
    GetSubscriptionAttributes: (form) => subscribing.getAttributes(form),
  };
}

/** A router of fauxqs for these actions, which answers errors as SNS does. */
export function snsRouter(sns: SnsStore, sqs: SqsStore, actions: ReturnType<typeof snsActions>): SnsRouter {
  const router = new SnsRouter(sns, sqs);
  for (const [action, handler] of Object.entries(actions)) router.register(action, handler);
  return router;
}
