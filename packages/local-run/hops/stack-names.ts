import type { Hop } from "@event-pipeline/event-model/hop";
import type { StackJson } from "@event-pipeline/terraform-json/stack-json";

/** Returns the names of the dead-letter queues of the stack's queues and subscriptions. */
export function deadLetterQueueNames(stack: StackJson): Set<string> {
  const sources = [...stack.ofType("aws_sqs_queue"), ...stack.ofType("aws_sns_topic_subscription")];
  const policies = sources.map((block) => block.get("redrive_policy")).filter((policy) => policy !== undefined);
  const targets = policies.map(
    (policy) => (JSON.parse(String(policy)) as { deadLetterTargetArn: string }).deadLetterTargetArn,
  );
  return new Set(targets.map(nameOfArn));
}

/** Returns the names of the queues that functions consume. */
export function consumedQueueNames(stack: StackJson): Set<string> {
  const mappings = stack.ofType("aws_lambda_event_source_mapping");
  return new Set(mappings.map((block) => nameOfArn(String(block.get("event_source_arn")))));
}

/**
 * Returns a function that describes a subscription by its address in the stack
 * and its queue or delivery stream. A subscription made by hand has no address.
 */
export function subscriptionDetails(stack: StackJson): (topicArn: string, endpoint: string) => Hop["detail"] {
  // Read once: the function is called for each filtered event.
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
      ...(stream === undefined ? { queue: nameOfArn(endpoint) } : { stream }),
    };
  };
}

function nameOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}
