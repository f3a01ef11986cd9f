import type { SetSubscriptionAttributesInput } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import type { Sns } from "../sns";

export const SetSubscriptionAttributes: Action<SetSubscriptionAttributesInput, undefined, Sns> = {
  handles: ["SubscriptionArn", "AttributeName", "AttributeValue"],
  run({ SubscriptionArn, AttributeName = "", AttributeValue = "" }, sns) {
    const subscription = sns.subscription(SubscriptionArn);
    const attributes = { ...subscription.stored.attributes, [AttributeName]: AttributeValue };
    sns.setSubscriptionAttributes(subscription, attributes);
    return undefined;
  },
};
