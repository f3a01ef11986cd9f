import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { Construct } from "constructs";
import type { ConsumerIdentity } from "../addresses";
import type { ConsumerOptions } from "../options/consumer";
import { allowSnsToSend, denyInsecureTransport, type PolicyStatement, policyDocument } from "../policy-document";
import { escapeTerraform, pinned } from "../terraform";
import type { EventTopic } from "./event-topic";
import { queueConfig } from "./queue-config";
import type { SharedProps } from "./shared-props";
import type { UndeliveredQueue } from "./undelivered-queue";

type QueueProps =
  | "queueRetentionDays"
  | "deadLetterRetentionDays"
  | "maxReceiveCount"
  | "kmsKeyArn"
  | "keyAccess"
  | "retainData";

export interface EventQueueProps extends Pick<SharedProps, QueueProps> {
  readonly identity: ConsumerIdentity;
  readonly visibilityTimeoutSeconds: number;
}

export interface SubscribeProps extends Pick<ConsumerOptions, "filterPolicy" | "filterPolicyScope"> {
  readonly undelivered: UndeliveredQueue;
}

/** A queue with its dead-letter queue, subscribed to a topic. */
export class EventQueue extends Construct {
  readonly queue: SqsQueue;
  readonly deadLetterQueue: SqsQueue;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EventQueueProps,
  ) {
    super(scope, id);
    const { identity, keyAccess } = props;
    const { addresses } = identity;
    this.deadLetterQueue = pinned(
      new SqsQueue(this, "dlq", {
        name: identity.deadLetterQueueName,
        ...queueConfig(props, props.deadLetterRetentionDays),
      }),
      addresses.deadLetterQueue,
    );
    this.queue = pinned(
      new SqsQueue(this, "queue", {
        name: identity.queueName,
        visibilityTimeoutSeconds: props.visibilityTimeoutSeconds,
        redrivePolicy: JSON.stringify({
          deadLetterTargetArn: this.deadLetterQueue.arn,
          maxReceiveCount: props.maxReceiveCount,
        }),
        ...queueConfig(props, props.queueRetentionDays),
      }),
      addresses.queue,
    );
    keyAccess.precedes(this.deadLetterQueue);
    keyAccess.precedes(this.queue);
    // A resource of its own, because the two queues cannot name each other.
    pinned(
      new SqsQueueRedriveAllowPolicy(this, "redrive-allow-policy", {
        queueUrl: this.deadLetterQueue.id,
        redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [this.queue.arn] }),
      }),
      addresses.deadLetterQueue,
    );
    pinned(
      new SqsQueuePolicy(this, "dlq-policy", {
        queueUrl: this.deadLetterQueue.id,
        policy: policyDocument(denyInsecureTransport("sqs:*", this.deadLetterQueue.arn)),
      }),
      addresses.deadLetterQueue,
    );
  }

  /**
   * Subscribes this queue to a topic. Messages keep SNS's envelope, because its MessageId and Timestamp give an event the
   * same item at every redelivery.
   */
  subscribeTo({ topic }: EventTopic, { undelivered, filterPolicy, filterPolicyScope }: SubscribeProps): void {
    const { addresses } = this.props.identity;
    const policy = pinned(
      new SqsQueuePolicy(this, "policy", {
        queueUrl: this.queue.id,
        policy: policyDocument(
          allowSnsToSend(this.queue.arn, topic.arn),
          denyInsecureTransport("sqs:*", this.queue.arn),
        ),
      }),
      addresses.queuePolicy,
    );
    pinned(
      new SnsTopicSubscription(this, "subscription", {
        topicArn: topic.arn,
        protocol: "sqs",
        endpoint: this.queue.arn,
        rawMessageDelivery: false,
        redrivePolicy: undelivered.redrivePolicy,
        ...(filterPolicy && { filterPolicy: escapeTerraform(JSON.stringify(filterPolicy)), filterPolicyScope }),
        // SNS drops an event that it has no permission to deliver.
        dependsOn: [policy, undelivered.policy],
      }),
      addresses.subscription,
    );
  }

  /** Returns the statement that lets Lambda's poller consume the queue with the function's role. */
  consumeStatement(): PolicyStatement {
    return {
      Sid: "ConsumeQueue",
      Effect: "Allow",
      Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      Resource: this.queue.arn,
    };
  }

  /** Returns the statement that lets a function send refused messages to the dead-letter queue itself. */
  deadLetterStatement(): PolicyStatement {
    return { Sid: "SetAside", Effect: "Allow", Action: "sqs:SendMessage", Resource: this.deadLetterQueue.arn };
  }
}
