import {
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  type SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Block, StackJson } from "@event-pipeline/terraform-json/stack-json";
import { attributesOf, type CreateContext, type ResourceType } from "./resource-type";

interface QueuePolicyStatement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string };
  readonly Action: string | readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Attributes by argument, in the order in which they can change: a policy must fit the scope. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  raw_message_delivery: "RawMessageDelivery",
  subscription_role_arn: "SubscriptionRoleArn",
  redrive_policy: "RedrivePolicy",
  filter_policy_scope: "FilterPolicyScope",
  filter_policy: "FilterPolicy",
};

/** SNS's defaults. */
const DEFAULTS: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: "MessageAttributes",
};

export const awsSnsTopicSubscription: ResourceType = {
  // The local run sends no email.
  isRun: (block) => ["sqs", "firehose"].includes(String(block.get("protocol"))),
  create: subscribe,
};

/**
 * Subscribes, or updates the subscription of an earlier run. It does not
 * unsubscribe first: events published in between would be lost.
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
  // The old policy may not fit the new scope. No event is published yet.
  await set("FilterPolicy", "");
  for (const name of Object.values(ATTRIBUTES)) await set(name, Attributes[name] ?? DEFAULTS[name] ?? "");
}

async function subscriptionOf(sns: SNSClient, TopicArn: string, endpoint: string): Promise<string | undefined> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  return Subscriptions.find(({ Endpoint }) => Endpoint === endpoint)?.SubscriptionArn;
}

/**
 * Returns the ARN of the queue or the delivery stream that SNS delivers to.
 *
 * @throws LocalRunError when AWS would drop every event: SNS has no permission, or the endpoint does not exist.
 */
export function endpointOf(stack: StackJson, subscription: Block): string {
  const topicArn = String(subscription.get("topic_arn"));
  const endpoint = String(subscription.get("endpoint"));
  if (subscription.get("protocol") === "sqs") {
    if (allowsSnsToSend(stack, endpoint, topicArn)) return endpoint;
    throw new LocalRunError(
      `${subscription.address}: no aws_sqs_queue_policy allows SNS to send from ${topicArn} to ${endpoint}, so AWS would drop every event.`,
    );
  }
  const isStream = stack
    .ofType("aws_kinesis_firehose_delivery_stream")
    .some((block) => endpoint.endsWith(`:deliverystream/${block.get("name")}`));
  if (isStream) return endpoint;
  throw new LocalRunError(`${subscription.address} delivers to ${endpoint}, which is not in the stack.`);
}

/** Returns whether a queue policy allows SNS to send. The local run would deliver without one; AWS would not. */
function allowsSnsToSend(stack: StackJson, queueArn: string, topicArn: string): boolean {
  return stack
    .ofType("aws_sqs_queue_policy")
    .flatMap((block) => (JSON.parse(String(block.get("policy"))) as { Statement: QueuePolicyStatement[] }).Statement)
    .some(
      ({ Effect, Principal, Action, Resource, Condition }) =>
        Effect === "Allow" &&
        Principal?.Service === "sns.amazonaws.com" &&
        [Action].flat().includes("sqs:SendMessage") &&
        Resource === queueArn &&
        Object.values(Condition ?? {}).some((condition) => condition["aws:SourceArn"] === topicArn),
    );
}
