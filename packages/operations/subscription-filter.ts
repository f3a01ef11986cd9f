import { GetSubscriptionAttributesCommand, type SNSClient } from "@aws-sdk/client-sns";
import { type FilterPolicy, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import { matches } from "@event-pipeline/sns-filter-policy/matches";
import type { MessageAttributes } from "@event-pipeline/sns-filter-policy/message-attributes";
import { OperationError } from "./errors";

/** Whether a subscription gets an event, by its filter policy as it is now. */
export type Filter = (envelopeText: string) => boolean;

/**
 * @returns undefined where nothing is filtered.
 * @throws OperationError when the policy is one that this version cannot judge.
 */
export async function filterOf(sns: SNSClient, subscriptionArn: string): Promise<Filter | undefined> {
  const { Attributes = {} } = await sns.send(
    new GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }),
  );
  const { FilterPolicy, FilterPolicyScope } = Attributes;
  if (!FilterPolicy) return undefined;
  const scope = FilterPolicyScope === "MessageBody" ? "MessageBody" : "MessageAttributes";
  let policy: FilterPolicy;
  try {
    policy = parseFilterPolicyJson(FilterPolicy, scope);
  } catch (cause) {
    throw new OperationError(
      `The subscription ${subscriptionArn} has a filter policy that cannot be judged here: ${(cause as Error).message}`,
      { cause },
    );
  }
  return (envelopeText) => {
    const { Message, MessageAttributes } = JSON.parse(envelopeText) as EnvelopeJson;
    return matches(policy, { body: Message, attributes: attributesOf(MessageAttributes) });
  };
}

interface EnvelopeJson {
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Type?: string; readonly Value?: string }>>;
}

function attributesOf(attributes: EnvelopeJson["MessageAttributes"] = {}): MessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { Type, Value }]) => [name, { DataType: Type, StringValue: Value }]),
  );
}
