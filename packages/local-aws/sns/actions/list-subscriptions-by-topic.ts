import type { ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { subscriptionPage } from "../page";
import type { Sns } from "../sns";

export const ListSubscriptionsByTopic: Action<ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse, Sns> = {
  handles: ["TopicArn", "NextToken"],
  run: ({ TopicArn, NextToken }, sns) => subscriptionPage(sns.topic(TopicArn).subscriptions.values(), NextToken),
};
