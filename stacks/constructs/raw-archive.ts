import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { ARCHIVE_ERROR_PREFIX, ARCHIVE_PREFIX } from "@event-pipeline/event-model/archive-layout";
import { Construct } from "constructs";
import type { pipelineAddresses } from "../addresses";
import { policyDocument } from "../policy-document";
import { type Place, resourceArn } from "../resource-arn";
import { pinned } from "../terraform-address";
import type { EventTopic } from "./event-topic";
import type { KeyAccess } from "./key-access";
import { RawBucket } from "./raw-bucket";
import { RawStream } from "./raw-stream";
import { type RoleProps, roleConfig } from "./role-config";
import type { UndeliveredQueue } from "./undelivered-queue";

export interface RawArchiveProps extends RoleProps, Place {
  readonly addresses: ReturnType<typeof pipelineAddresses>;
  readonly bucketName: string;
  readonly streamName: string;
  /** The roles that Firehose writes to the bucket with, and SNS to the stream. */
  readonly streamRoleName: string;
  readonly subscriptionRoleName: string;
  /** Whether archived events outlive the stack. */
  readonly retainData: boolean;
  /** Days after which an archived event moves to STANDARD_IA and to GLACIER, and is deleted; 0 for never. */
  readonly archiveStandardIaDays: number;
  readonly archiveGlacierDays: number;
  readonly archiveExpiryDays: number;
  readonly logRetentionDays: number;
  readonly logsKmsKeyArn?: string | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}

/** Every event as SNS sent it, in S3, for audit and replay. */
export class RawArchive extends Construct {
  readonly bucket: RawBucket;
  readonly stream: RawStream;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RawArchiveProps,
  ) {
    super(scope, id);
    const { addresses, bucketName, streamName, streamRoleName, ...shared } = props;
    const layout = { prefix: ARCHIVE_PREFIX, errorPrefix: ARCHIVE_ERROR_PREFIX };
    this.bucket = new RawBucket(this, "bucket", { ...shared, ...layout, address: addresses.archive, bucketName });
    this.stream = new RawStream(this, "stream", {
      ...shared,
      ...layout,
      address: addresses.archive,
      roleAddress: addresses.archiveRole,
      streamName,
      roleName: streamRoleName,
      bucket: this.bucket,
    });
  }

  /**
   * Subscribes the stream to `topic`. The envelope is kept, so MessageId and
   * Timestamp are in the archive and a replay writes the same items again.
   */
  subscribeTo({ topic }: EventTopic, undelivered: UndeliveredQueue): void {
    const { addresses, streamName, subscriptionRoleName } = this.props;
    const role = pinned(
      new IamRole(this, "subscription-role", roleConfig(subscriptionRoleName, "sns.amazonaws.com", this.props)),
      addresses.archiveSubscriptionRole,
    );
    const policy = pinned(
      new IamRolePolicy(this, "subscription-policy", {
        name: "put-to-stream",
        role: role.id,
        // The five actions that SNS asks for:
        // https://docs.aws.amazon.com/sns/latest/dg/prereqs-kinesis-data-firehose.html
        policy: policyDocument({
          Sid: "PutToStream",
          Effect: "Allow",
          Action: [
            "firehose:DescribeDeliveryStream",
            "firehose:ListDeliveryStreams",
            "firehose:ListTagsForDeliveryStream",
            "firehose:PutRecord",
            "firehose:PutRecordBatch",
          ],
          // Not the stream's attribute: SNS asks once, when it subscribes, and the policy of a new role takes seconds to
          // take effect. This way the role has it while the stream is still being made.
          Resource: resourceArn(this.props, "firehose", `deliverystream/${streamName}`),
        }),
      }),
      addresses.archiveSubscriptionRole,
    );
    pinned(
      new SnsTopicSubscription(this, "subscription", {
        topicArn: topic.arn,
        protocol: "firehose",
        endpoint: this.stream.stream.arn,
        subscriptionRoleArn: role.arn,
        rawMessageDelivery: false,
        redrivePolicy: undelivered.redrivePolicy,
        dependsOn: [policy, undelivered.policy],
      }),
      addresses.archiveSubscription,
    );
  }
}
