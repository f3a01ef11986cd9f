import type { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { Construct } from "constructs";
import { allowSnsToSend, denyInsecureTransport, policyDocument } from "../policy-document";
import { addBlock } from "../terraform";
import { queueConfig } from "./queue-config";
import type { SharedProps } from "./shared-props";

export interface UndeliveredQueueProps extends SharedProps {
  readonly topic: SnsTopic;
}

/**
 * The dead-letter queue of the topic's subscriptions. SNS does not retry client-side errors, such as a missing
 * permission, so without this queue the event would be lost. A consumer's dead-letter queue cannot hold these events:
 * SQS redrives messages to a source queue, not to a subscription.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
export class UndeliveredQueue extends Construct {
  readonly queue: SqsQueue;
  /** Subscriptions must depend on this policy. */
  readonly policy: SqsQueuePolicy;

  constructor(scope: Construct, id: string, props: UndeliveredQueueProps) {
    super(scope, id);
    const address = props.addresses.undelivered;
    this.queue = addBlock(this, SqsQueue, "queue", address, {
      name: props.names.undeliveredQueue,
      ...queueConfig(props, props.deadLetterRetentionDays),
    });
    this.policy = addBlock(this, SqsQueuePolicy, "policy", address, {
      queueUrl: this.queue.id,
      policy: policyDocument(
        allowSnsToSend(this.queue.arn, props.topic.arn),
        denyInsecureTransport("sqs:*", this.queue.arn),
      ),
    });
  }

  /** The `redrive_policy` argument of each subscription. */
  get redrivePolicy(): string {
    return JSON.stringify({ deadLetterTargetArn: this.queue.arn });
  }
}
