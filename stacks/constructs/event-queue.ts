import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import type { FilterPolicyScope } from "@event-pipeline/sns-filter-policy/scope";
import { Construct } from "constructs";
import type { ConsumerIdentity } from "../consumer-identity";
import type { FilterPolicy } from "../options/consumer";
import { allowSnsToSend, denyInsecureTransport, type PolicyStatement, policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import { terraformLiteral } from "../terraform-literal";
import type { EventTopic } from "./event-topic";
import type { KeyAccess } from "./key-access";
import { type QueueConfigProps, queueConfig } from "./queue-config";
import type { UndeliveredQueue } from "./undelivered-queue";

const DAY_SECONDS = 86_400;

export interface EventQueueProps extends QueueConfigProps {
  readonly identity: ConsumerIdentity;
  readonly visibilityTimeoutSeconds: number;
  /** Receives after which SQS moves a message to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** Days that a message is kept, in both queues counted from its first arrival. */
  readonly queueRetentionDays: number;
  readonly deadLetterRetentionDays: number;
  readonly keyAccess: KeyAccess;
}

export interface SubscribeProps {
  readonly undelivered: UndeliveredQueue;
  /** Undefined for every event. */
  readonly filterPolicy: FilterPolicy | undefined;
  readonly filterPolicyScope: FilterPolicyScope;
}

/** A queue with its dead-letter queue, fed by a topic. */
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
        messageRetentionSeconds: props.deadLetterRetentionDays * DAY_SECONDS,
        ...queueConfig(props),
      }),
      addresses.deadLetterQueue,
    );
    this.queue = pinned(
      new SqsQueue(this, "queue", {
        name: identity.queueName,
        visibilityTimeoutSeconds: props.visibilityTimeoutSeconds,
        messageRetentionSeconds: props.queueRetentionDays * DAY_SECONDS,
        redrivePolicy: JSON.stringify({
          deadLetterTargetArn: this.deadLetterQueue.arn,
          maxReceiveCount: props.maxReceiveCount,
        }),
        ...queueConfig(props),
      }),
      addresses.queue,
    );
    keyAccess.precedes(this.deadLetterQueue);
    keyAccess.precedes(this.queue);
    // Blocks of their own: the dead-letter queue cannot name a queue that names it.
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
   * Subscribes this queue to `topic` and lets SNS send to it, from that topic
   * only. The envelope is kept: its MessageId and Timestamp are what makes an
   * item the same at every redelivery.
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
        ...(filterPolicy && { filterPolicy: terraformLiteral(JSON.stringify(filterPolicy)), filterPolicyScope }),
        // SNS drops what it may not deliver, so the permissions come first.
        dependsOn: [policy, undelivered.policy],
      }),
      addresses.subscription,
    );
  }

  /** What Lambda's poller calls with the role of the consumer. */
  consumeStatement(): PolicyStatement {
    return {
      Sid: "ConsumeQueue",
      Effect: "Allow",
      Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      Resource: this.queue.arn,
    };
  }

  /** What a consumer calls that sets a hopeless message aside itself. */
  deadLetterStatement(): PolicyStatement {
    return { Sid: "SetAside", Effect: "Allow", Action: "sqs:SendMessage", Resource: this.deadLetterQueue.arn };
  }
}
