import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { Block, SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";

interface QueuePolicyStatement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string };
  readonly Action: string | readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Returns the ARN of the queue or the delivery stream that SNS delivers to.
 *
 * @throws LocalRunError when AWS would drop every event: SNS has no permission, or the endpoint does not exist.
 */
export function endpointOf(stack: SynthesizedStack, subscription: Block): string {
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

/** Returns whether a queue policy allows SNS to send. The local run would deliver without the policy; AWS would not. */
function allowsSnsToSend(stack: SynthesizedStack, queueArn: string, topicArn: string): boolean {
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
