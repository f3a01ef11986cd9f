import { ListSubscriptionsCommand, type SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { intakeQueueName, queueArn } from "./archive/intake-queue";
import { LocalRunError } from "./errors";
import { attributesOf } from "./terraform/attribute-names";
import { allowsSnsToSend } from "./terraform/queue-policy";
import type { Block, StackJson } from "./terraform/stack-json";

const SUBSCRIPTION_ATTRIBUTES: Readonly<Record<string, string>> = {
  raw_message_delivery: "RawMessageDelivery",
  filter_policy: "FilterPolicy",
  filter_policy_scope: "FilterPolicyScope",
};

/** Whether the subscription delivers to something that runs here; nobody gets e-mail from it. */
export function isDelivered(subscription: Block): boolean {
  return ["sqs", "firehose"].includes(String(subscription.get("protocol")));
}

/** Subscriptions hold no data, so those of an earlier run go: the stack may no longer have them. */
export async function subscribeAll(stack: StackJson, sns: SNSClient): Promise<void> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsCommand({}));
  for (const { SubscriptionArn } of Subscriptions) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));

  for (const block of stack.ofType("aws_sns_topic_subscription").filter(isDelivered)) {
    const TopicArn = String(block.get("topic_arn"));
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "sqs",
        Endpoint: deliveryQueueArn(stack, block, TopicArn),
        Attributes: attributesOf(block, SUBSCRIPTION_ATTRIBUTES),
      }),
    );
  }
}

/** The queue that SNS delivers to, which for a stream is its intake. */
function deliveryQueueArn(stack: StackJson, subscription: Block, topicArn: string): string {
  const endpoint = String(subscription.get("endpoint"));
  if (subscription.get("protocol") === "sqs") {
    if (!allowsSnsToSend(stack.ofType("aws_sqs_queue_policy"), endpoint, topicArn)) {
      throw new LocalRunError(
        `${subscription.address}: no aws_sqs_queue_policy lets SNS send from ${topicArn} to ${endpoint}, so AWS would drop every event.`,
      );
    }
    return endpoint;
  }
  const stream = stack
    .ofType("aws_kinesis_firehose_delivery_stream")
    .find((block) => endpoint.endsWith(`:deliverystream/${block.get("name")}`));
  if (!stream)
    throw new LocalRunError(`${subscription.address} delivers to ${endpoint}, which the stack does not have.`);
  return queueArn(intakeQueueName(stream), stack.region);
}
