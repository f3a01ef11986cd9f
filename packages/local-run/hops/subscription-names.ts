import type { Hop } from "@event-pipeline/event-model/hop";
import type { StackJson } from "@event-pipeline/terraform-json/stack-json";

/**
 * What is told of the subscription of a topic: its address in the stack, and
 * the queue or the stream that it delivers to. One that somebody made by hand
 * has no address.
 */
export function subscriptionNames(stack: StackJson): (topicArn: string, endpoint: string) => Hop["detail"] {
  // Read once: this is asked for every event that a policy drops.
  const subscriptions = stack.ofType("aws_sns_topic_subscription").map((block) => ({
    address: block.address,
    topicArn: block.get("topic_arn"),
    endpoint: block.get("endpoint"),
  }));
  return (topicArn, endpoint) => {
    const subscription = subscriptions.find((one) => one.topicArn === topicArn && one.endpoint === endpoint);
    const [, stream] = endpoint.split(":deliverystream/");
    return {
      ...(subscription && { subscription: subscription.address }),
      ...(stream === undefined ? { queue: endpoint.slice(endpoint.lastIndexOf(":") + 1) } : { stream }),
    };
  };
}
