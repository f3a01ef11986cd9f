import { GetSubscriptionAttributesCommand, paginateListSubscriptionsByTopic, SNSClient } from "@aws-sdk/client-sns";
import { type FilterPolicy, parseFilterPolicyJson } from "@event-pipeline/sns-filter-policy/filter-policy";
import { type MessageAttributes, matches } from "@event-pipeline/sns-filter-policy/matches";
import { OperationError } from "./errors";
import type { Pipeline } from "./pipeline";

export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  /** The target's ARN, URL or address, depending on the protocol. */
  readonly endpoint: string;
}

/** Lists the confirmed subscriptions of the pipeline's topic. */
export async function listSubscriptions(pipeline: Pipeline, signal?: AbortSignal): Promise<Subscription[]> {
  const TopicArn = await pipeline.topicArn(signal);
  const found: Subscription[] = [];
  const client = pipeline.client(SNSClient);
  const pages = paginateListSubscriptionsByTopic({ client }, { TopicArn }, signal && { abortSignal: signal });
  for await (const { Subscriptions = [] } of pages) {
    for (const { SubscriptionArn: arn = "", Protocol: protocol = "", Endpoint: endpoint = "" } of Subscriptions) {
      if (arn.startsWith("arn:")) found.push({ arn, protocol, endpoint });
    }
  }
  return found;
}

/** A function that returns whether a subscription's current filter policy matches an event. */
export type SubscriptionFilter = (envelopeText: string) => boolean;

/** Returns the subscription that delivers to the event processor's queue. */
export function queueSubscription(
  { processor }: Pipeline,
  subscriptions: readonly Subscription[],
): Subscription | undefined {
  return subscriptions.find(
    ({ protocol, endpoint }) => protocol === "sqs" && endpoint.endsWith(`:${processor.queueName}`),
  );
}

/**
 * Returns the filter of the event processor's subscription; undefined when the subscription has no filter policy.
 *
 * @throws OperationError when this version does not support the policy, or the response lacks the attributes.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export async function queueFilter(
  pipeline: Pipeline,
  subscriptions?: readonly Subscription[],
  signal?: AbortSignal,
): Promise<SubscriptionFilter | undefined> {
  const subscription = queueSubscription(pipeline, subscriptions ?? (await listSubscriptions(pipeline, signal)));
  if (!subscription) return undefined;
  const command = new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription.arn });
  const { Attributes } = await pipeline.client(SNSClient).send(command, signal && { abortSignal: signal });
  if (!Attributes) throw new OperationError(`SNS returned no attributes for subscription ${subscription.arn}.`);
  const { FilterPolicy, FilterPolicyScope } = Attributes;
  if (!FilterPolicy) return undefined;
  let policy: FilterPolicy;
  try {
    policy = parseFilterPolicyJson(
      FilterPolicy,
      FilterPolicyScope === "MessageBody" ? "MessageBody" : "MessageAttributes",
    );
  } catch (cause) {
    throw new OperationError(
      `Cannot evaluate the filter policy of subscription ${subscription.arn}: ${(cause as Error).message}`,
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
