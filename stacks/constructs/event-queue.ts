import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { Construct } from "constructs";
import type { ConsumerIdentity } from "../addresses";
import { visibilityTimeoutSeconds } from "../options/consumer";
import { allow, allowSnsToSend, denyInsecureTransport, type PolicyStatement, policyDocument } from "../policy-document";
import { addBlock, escapeTerraform } from "../terraform";
import type { EventTopic } from "./event-topic";
import { queueConfig } from "./queue-config";
import type { SharedProps } from "./shared-props";
import type { UndeliveredQueue } from "./undelivered-queue";

export interface EventQueueProps extends SharedProps {
  readonly identity: ConsumerIdentity;
}

/** An SQS queue with its dead-letter queue. */
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
    this.deadLetterQueue = addBlock(this, SqsQueue, "dlq", addresses.deadLetterQueue, {
      name: identity.deadLetterQueueName,
      ...queueConfig(props, props.deadLetterRetentionDays),
    });
    this.queue = addBlock(this, SqsQueue, "queue", addresses.queue, {
      name: identity.queueName,
      visibilityTimeoutSeconds: visibilityTimeoutSeconds(props),
      redrivePolicy: JSON.stringify({
        deadLetterTargetArn: this.deadLetterQueue.arn,
        maxReceiveCount: props.maxReceiveCount,
      }),
      ...queueConfig(props, props.queueRetentionDays),
    });
    keyAccess.precedes(this.deadLetterQueue);
    keyAccess.precedes(this.queue);
    // A separate resource, because the two queues cannot refer to each other.
    addBlock(this, SqsQueueRedriveAllowPolicy, "redrive-allow-policy", addresses.deadLetterQueue, {
      queueUrl: this.deadLetterQueue.id,
      redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [this.queue.arn] }),
    });
    addBlock(this, SqsQueuePolicy, "dlq-policy", addresses.deadLetterQueue, {
      queueUrl: this.deadLetterQueue.id,
      policy: policyDocument(denyInsecureTransport("sqs:*", this.deadLetterQueue.arn)),
    });
  }

  /**
   * Subscribes this queue to a topic, without raw message delivery: the MessageId and Timestamp in the SNS envelope
   * give an event the same item key at every redelivery.
   */
  subscribeTo({ topic }: EventTopic, undelivered: UndeliveredQueue): void {
    const { identity, filterPolicy, filterPolicyScope } = this.props;
    const { addresses } = identity;
    const policy = addBlock(this, SqsQueuePolicy, "policy", addresses.queuePolicy, {
      queueUrl: this.queue.id,
      policy: policyDocument(allowSnsToSend(this.queue.arn, topic.arn), denyInsecureTransport("sqs:*", this.queue.arn)),
    });
    addBlock(this, SnsTopicSubscription, "subscription", addresses.subscription, {
      topicArn: topic.arn,
      protocol: "sqs",
      endpoint: this.queue.arn,
      rawMessageDelivery: false,
      redrivePolicy: undelivered.redrivePolicy,
      ...(filterPolicy && { filterPolicy: escapeTerraform(JSON.stringify(filterPolicy)), filterPolicyScope }),
      // Until both policies exist, SNS would drop events that it cannot deliver.
      dependsOn: [policy, undelivered.policy],
    });
  }

  /** Returns the IAM statement that lets a function consume this queue. */
  consumeStatement(): PolicyStatement {
    const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    return allow("ConsumeQueue", actions, this.queue.arn);
  }

  /** Returns the IAM statement that lets a function send messages to the dead-letter queue. */
  deadLetterStatement(): PolicyStatement {
    return allow("SetAside", "sqs:SendMessage", this.deadLetterQueue.arn);
  }
}
