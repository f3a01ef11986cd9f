import type { Hop } from "../../contract/hop";
import { intakeQueueName, queueArn } from "../archive/intake-queue";
import type { StackJson } from "../terraform/stack-json";

/**
 * What is told of the subscription of a topic that delivers to a queue: its
 * address in the stack, and the queue or the stream behind it. One that
 * somebody made by hand has no address.
 */
export function subscriptionNames(stack: StackJson): (topicArn: string, queueArn: string) => Hop["detail"] {
  const streamNameByIntake = new Map(
    stack
      .ofType("aws_kinesis_firehose_delivery_stream")
      .map((block) => [queueArn(intakeQueueName(block), stack.region), String(block.get("name"))]),
  );
  // Read once: this is asked for every event that a policy drops.
  const subscriptions = stack.ofType("aws_sns_topic_subscription").map((block) => ({
    address: block.address,
    topicArn: block.get("topic_arn"),
    endpoint: String(block.get("endpoint")),
  }));
  return (topicArn, queue) => {
    const stream = streamNameByIntake.get(queue);
    const isIt = (endpoint: string) => (stream ? endpoint.endsWith(`:deliverystream/${stream}`) : endpoint === queue);
    const subscription = subscriptions.find((one) => one.topicArn === topicArn && isIt(one.endpoint));
    return {
      ...(subscription && { subscription: subscription.address }),
      ...(stream ? { stream } : { queue: queue.slice(queue.lastIndexOf(":") + 1) }),
    };
  };
}
