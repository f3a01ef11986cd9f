import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { Construct } from "constructs";
import { policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import type { EventTopic } from "./event-topic";

export interface EventQueueProps {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  /**
   * Seconds that a received message stays hidden from other receivers.
   *
   * At least 6 × the consumer's timeout plus its batching window, so that
   * Lambda can retry throttled invocations before the message reappears.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
   */
  readonly visibilityTimeoutSeconds: number;
  /** Receives after which SQS moves a message to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** Seconds that the dead-letter queue keeps a message. */
  readonly deadLetterRetentionSeconds: number;
}

/** A queue with its dead-letter queue, fed by a topic. */
export class EventQueue extends Construct {
  readonly queue: SqsQueue;
  readonly deadLetterQueue: SqsQueue;

  constructor(scope: Construct, id: string, props: EventQueueProps) {
    super(scope, id);
    this.deadLetterQueue = pinned(
      new SqsQueue(this, "dlq", {
        name: props.deadLetterQueueName,
        messageRetentionSeconds: props.deadLetterRetentionSeconds,
      }),
      "events_dlq",
    );
    this.queue = pinned(
      new SqsQueue(this, "queue", {
        name: props.queueName,
        visibilityTimeoutSeconds: props.visibilityTimeoutSeconds,
        redrivePolicy: JSON.stringify({
          deadLetterTargetArn: this.deadLetterQueue.arn,
          maxReceiveCount: props.maxReceiveCount,
        }),
      }),
      "events",
    );
  }

  /**
   * Subscribes this queue to `topic` and lets SNS send to it, from that topic
   * only. The envelope is kept: its MessageId and Timestamp are what makes an
   * item the same at every redelivery.
   */
  subscribeTo({ topic }: EventTopic): void {
    const policy = pinned(
      new SqsQueuePolicy(this, "policy", {
        queueUrl: this.queue.id,
        policy: policyDocument({
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: this.queue.arn,
          Condition: { ArnEquals: { "aws:SourceArn": topic.arn } },
        }),
      }),
      "allow_sns",
    );
    pinned(
      new SnsTopicSubscription(this, "subscription", {
        topicArn: topic.arn,
        protocol: "sqs",
        endpoint: this.queue.arn,
        rawMessageDelivery: false,
        // SNS drops what it may not deliver, so the permission comes first.
        dependsOn: [policy],
      }),
      "sqs",
    );
  }
}
