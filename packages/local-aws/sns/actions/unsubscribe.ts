import type { UnsubscribeInput } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { assertArn, invalidParameter } from "../errors";
import type { Sns } from "../sns";

export const Unsubscribe: Action<UnsubscribeInput, undefined, Sns> = {
  handles: ["SubscriptionArn"],
  run({ SubscriptionArn = "" }, sns) {
    assertArn(SubscriptionArn, "SubscriptionArn");
    if (SubscriptionArn.split(":").length < 7) throw invalidParameter("SubscriptionId");
    sns.unsubscribe(SubscriptionArn);
    return undefined;
  },
};
