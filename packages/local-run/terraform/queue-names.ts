import type { StackJson } from "@event-pipeline/terraform-json/stack-json";

/** Names of the queues that other queues and subscriptions redrive to. */
export function deadLetterQueueNames(stack: StackJson): Set<string> {
  const sources = [...stack.ofType("aws_sqs_queue"), ...stack.ofType("aws_sns_topic_subscription")];
  const targets = sources.flatMap((block) => {
    const policy = block.get("redrive_policy");
    return policy === undefined
      ? []
      : [(JSON.parse(String(policy)) as { deadLetterTargetArn: string }).deadLetterTargetArn];
  });
  return new Set(targets.map(nameOfArn));
}

/** Names of the queues that a function consumes. */
export function consumedQueueNames(stack: StackJson): Set<string> {
  return new Set(
    stack.ofType("aws_lambda_event_source_mapping").map((block) => nameOfArn(String(block.get("event_source_arn")))),
  );
}

function nameOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}
