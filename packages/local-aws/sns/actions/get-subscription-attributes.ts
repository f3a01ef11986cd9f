import type { GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse } from "@aws-sdk/client-sns";
import { ACCOUNT_ID } from "../../account";
import type { Action } from "../../gateway/service";
import type { Sns } from "../sns";
import { SUBSCRIPTION_DEFAULTS } from "../subscription-attributes";

export const GetSubscriptionAttributes: Action<GetSubscriptionAttributesInput, GetSubscriptionAttributesResponse, Sns> =
  {
    handles: ["SubscriptionArn"],
    run({ SubscriptionArn }, sns) {
      const { arn, topicArn, protocol, endpoint, principal, attributes } = sns.subscription(SubscriptionArn).stored;
      const { FilterPolicyScope, ...others } = { ...SUBSCRIPTION_DEFAULTS, ...attributes };
      return {
        Attributes: {
          SubscriptionArn: arn,
          TopicArn: topicArn,
          Protocol: protocol,
          Endpoint: endpoint,
          Owner: ACCOUNT_ID,
          ConfirmationWasAuthenticated: "true",
          PendingConfirmation: "false",
          SubscriptionPrincipal: principal,
          ...others,
          // As on AWS, the scope is returned only with a filter policy.
          ...(attributes.FilterPolicy !== undefined && FilterPolicyScope !== undefined && { FilterPolicyScope }),
        },
      };
    },
  };
