import type { ConfirmSubscriptionInput, ConfirmSubscriptionResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { assertArn, invalidParameter } from "../errors";
import type { Sns } from "../sns";

export const ConfirmSubscription: Action<ConfirmSubscriptionInput, ConfirmSubscriptionResponse, Sns> = {
  handles: ["TopicArn", "Token", "AuthenticateOnUnsubscribe"],
  differs: "has no tokens, because subscriptions are confirmed automatically",
  run({ TopicArn = "" }) {
    assertArn(TopicArn, "TopicArn");
    throw invalidParameter("Token");
  },
};
