import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { resourceArn } from "../aws-arn";
import { allow } from "../policy-document";
import { addBlock } from "../terraform";
import type { EventTopic } from "./event-topic";
import { RawBucket, type RawBucketProps } from "./raw-bucket";
import { RawStream } from "./raw-stream";
import { addServiceRole } from "./service-role";
import type { UndeliveredQueue } from "./undelivered-queue";

/** The archive: every event in S3, in its SNS envelope, for audits and replays. */
export class RawArchive extends Construct {
  readonly bucket: RawBucket;
  readonly stream: RawStream;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RawBucketProps,
  ) {
    super(scope, id);
    this.bucket = new RawBucket(this, "bucket", props);
    this.stream = new RawStream(this, "stream", { ...props, bucket: this.bucket });
  }

  /**
   * Subscribes the stream to a topic, without raw message delivery: with the MessageId and Timestamp in the SNS
   * envelope, a replay writes the same items again.
   */
  subscribeTo({ topic }: EventTopic, undelivered: UndeliveredQueue): void {
    const { addresses, names } = this.props;
    const { role, policy } = addServiceRole(this, this.props, {
      idPrefix: "subscription-",
      address: addresses.archiveSubscriptionRole,
      name: names.rawSubscriptionRole,
      service: "sns.amazonaws.com",
      policyName: "put-to-stream",
      statements: [
        allow(
          "PutToStream",
          // SNS requires these five actions: https://docs.aws.amazon.com/sns/latest/dg/prereqs-kinesis-data-firehose.html
          [
            "firehose:DescribeDeliveryStream",
            "firehose:ListDeliveryStreams",
            "firehose:ListTagsForDeliveryStream",
            "firehose:PutRecord",
            "firehose:PutRecordBatch",
          ],
          // SNS checks the permission only when it subscribes, and a new policy takes seconds to take effect. With an
          // ARN that is built from the name, Terraform can create the policy before the stream is ready.
          resourceArn(this.props, "firehose", `deliverystream/${names.rawStream}`),
        ),
      ],
    });
    addBlock(this, SnsTopicSubscription, "subscription", addresses.archiveSubscription, {
      topicArn: topic.arn,
      protocol: "firehose",
      endpoint: this.stream.stream.arn,
      subscriptionRoleArn: role.arn,
      rawMessageDelivery: false,
      redrivePolicy: undelivered.redrivePolicy,
      dependsOn: [policy, undelivered.policy],
    });
  }
}
