import { intakeQueueName, queueArn } from "../archive/intake-queue";
import type { Block, StackJson } from "../terraform/stack-json";
import type { Hop } from "./hop";

/**
 * What is told of the subscription of a topic that delivers to a queue: its
 * address in the stack, and the queue or the stream behind it. One that
 * somebody made by hand has no address.
 */
export function subscriptionNames(stack: StackJson): (topicArn: string, queueArn: string) => Hop["detail"] {
  const subscriptions = stack.ofType("aws_sns_topic_subscription");
  const streams = stack.ofType("aws_kinesis_firehose_delivery_stream");
  return (topicArn, endpoint) => {
    const stream = streams.find((block) => queueArn(intakeQueueName(block), stack.region) === endpoint);
    const delivers = (block: Block) => {
      const declared = String(block.get("endpoint"));
      return stream ? declared.endsWith(`:deliverystream/${stream.get("name")}`) : declared === endpoint;
    };
    const subscription = subscriptions.find((block) => block.get("topic_arn") === topicArn && delivers(block));
    return {
      ...(subscription && { subscription: subscription.address }),
      ...(stream ? { stream: String(stream.get("name")) } : { queue: endpoint.slice(endpoint.lastIndexOf(":") + 1) }),
    };
  };
}
