import {
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  type SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Block, StackJson } from "@event-pipeline/terraform-json/stack-json";
import { attributesOf } from "../terraform/attribute-names";
import { allowsSnsToSend } from "../terraform/queue-policy";
import type { CreateContext, ResourceType } from "./resource-type";

/** In the order in which they may be changed: a policy has to fit the scope. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  raw_message_delivery: "RawMessageDelivery",
  subscription_role_arn: "SubscriptionRoleArn",
  redrive_policy: "RedrivePolicy",
  filter_policy_scope: "FilterPolicyScope",
  filter_policy: "FilterPolicy",
};

/** What SNS has for an attribute that nobody sets. */
const UNSET: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: "MessageAttributes",
};

export const awsSnsTopicSubscription: ResourceType = {
  /** Whether the subscription delivers to something that runs here; nobody gets e-mail from it. */
  isRun: (block) => ["sqs", "firehose"].includes(String(block.get("protocol"))),
  create: subscribe,
};

/**
 * Subscribes, or changes the subscription of an earlier run. Never by
 * unsubscribing first: what is published in between would reach nobody.
 */
async function subscribe(block: Block, { stack, clients: { sns } }: CreateContext): Promise<void> {
  const TopicArn = String(block.get("topic_arn"));
  const Protocol = String(block.get("protocol"));
  const Endpoint = endpointOf(stack, block);
  const Attributes = attributesOf(block, ATTRIBUTES);
  const SubscriptionArn = await subscriptionOf(sns, TopicArn, Endpoint);
  if (SubscriptionArn === undefined) {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
    return;
  }
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  // The former policy may not fit the new scope. Nobody publishes yet.
  await set("FilterPolicy", "");
  for (const name of Object.values(ATTRIBUTES)) await set(name, Attributes[name] ?? UNSET[name] ?? "");
}

async function subscriptionOf(sns: SNSClient, TopicArn: string, endpoint: string): Promise<string | undefined> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions.find(({ Endpoint }) => Endpoint === endpoint)?.SubscriptionArn;
}

/**
 * ARN of the queue or the stream that SNS delivers to.
 *
 * @throws LocalRunError when AWS would drop every event: nothing lets SNS deliver there, or there is nothing.
 */
export function endpointOf(stack: StackJson, subscription: Block): string {
  const topicArn = String(subscription.get("topic_arn"));
  const endpoint = String(subscription.get("endpoint"));
  if (subscription.get("protocol") === "sqs") {
    if (!allowsSnsToSend(stack.ofType("aws_sqs_queue_policy"), endpoint, topicArn)) {
      throw new LocalRunError(
        `${subscription.address}: no aws_sqs_queue_policy lets SNS send from ${topicArn} to ${endpoint}, so AWS would drop every event.`,
      );
    }
    return endpoint;
  }
  const isStream = stack
    .ofType("aws_kinesis_firehose_delivery_stream")
    .some((block) => endpoint.endsWith(`:deliverystream/${block.get("name")}`));
  if (!isStream)
    throw new LocalRunError(`${subscription.address} delivers to ${endpoint}, which the stack does not have.`);
  return endpoint;
}
