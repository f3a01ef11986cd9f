import type { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { Construct } from "constructs";
import { allowSnsToSend, denyInsecureTransport, policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import { type QueueConfigProps, queueConfig } from "./queue-config";

const DAY_SECONDS = 86_400;

export interface UndeliveredQueueProps extends QueueConfigProps {
  /** Terraform's name of the queue. */
  readonly address: string;
  readonly queueName: string;
  readonly topic: SnsTopic;
  /** Days that undelivered events are kept. */
  readonly deadLetterRetentionDays: number;
}

/**
 * Where SNS puts what a subscription could not take. SNS does not retry an
 * error of the receiver, such as a missing permission: without this queue the
 * event would be gone. It is a queue of its own, because SQS cannot move
 * messages back to a subscription.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
export class UndeliveredQueue extends Construct {
  readonly queue: SqsQueue;
  /** What delivers to the queue has to come after this. */
  readonly policy: SqsQueuePolicy;

  constructor(scope: Construct, id: string, props: UndeliveredQueueProps) {
    super(scope, id);
    this.queue = pinned(
      new SqsQueue(this, "queue", {
        name: props.queueName,
        messageRetentionSeconds: props.deadLetterRetentionDays * DAY_SECONDS,
        ...queueConfig(props),
      }),
      props.address,
    );
    this.policy = pinned(
      new SqsQueuePolicy(this, "policy", {
        queueUrl: this.queue.id,
        policy: policyDocument(
          allowSnsToSend(this.queue.arn, props.topic.arn),
          denyInsecureTransport("sqs:*", this.queue.arn),
        ),
      }),
      props.address,
    );
  }

  /** A subscription's `redrive_policy` that leads here. */
  get redrivePolicy(): string {
    return JSON.stringify({ deadLetterTargetArn: this.queue.arn });
  }
}
