import type { ListSubscriptionsInput, ListSubscriptionsResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { subscriptionPage } from "../page";
import type { Sns } from "../sns";

export const ListSubscriptions: Action<ListSubscriptionsInput, ListSubscriptionsResponse, Sns> = {
  handles: ["NextToken"],
  run: ({ NextToken }, sns) => subscriptionPage(sns.subscriptions, NextToken),
};
