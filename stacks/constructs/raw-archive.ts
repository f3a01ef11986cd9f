import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { ARCHIVE_ERROR_PREFIX, ARCHIVE_PREFIX } from "../../contract/archive-layout";
import type { pipelineNames } from "../../contract/resource-names";
import type { PipelineOptions } from "../options/pipeline-options";
import { policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import type { EventTopic } from "./event-topic";
import { RawBucket } from "./raw-bucket";
import { RawStream } from "./raw-stream";
import { roleConfig } from "./role-config";
import type { UndeliveredQueue } from "./undelivered-queue";

export interface RawArchiveProps {
  readonly names: ReturnType<typeof pipelineNames>;
  readonly options: PipelineOptions;
  readonly kmsKeyArn: string | undefined;
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
    this.bucket = new RawBucket(this, "bucket", {
      bucketName: props.options.rawBucketName ?? props.names.rawBucket,
      prefix: ARCHIVE_PREFIX,
      errorPrefix: ARCHIVE_ERROR_PREFIX,
      retain: props.options.retainData,
      standardIaDays: props.options.archiveStandardIaDays,
      glacierDays: props.options.archiveGlacierDays,
      expiryDays: props.options.archiveExpiryDays,
      kmsKeyArn: props.kmsKeyArn,
    });
    this.stream = new RawStream(this, "stream", {
      streamName: props.names.rawStream,
      roleName: props.names.rawStreamRole,
      roleRules: props.options,
      bucket: this.bucket,
      prefix: ARCHIVE_PREFIX,
      errorPrefix: ARCHIVE_ERROR_PREFIX,
      logRetentionDays: props.options.logRetentionDays,
      encryptLogs: props.options.encryptLogs,
      kmsKeyArn: props.kmsKeyArn,
    });
  }

  /**
   * Subscribes the stream to `topic`. The envelope is kept, so MessageId and
   * Timestamp are in the archive and a replay writes the same items again.
   */
  subscribeTo({ topic }: EventTopic, undelivered: UndeliveredQueue): void {
    const { names, options } = this.props;
    const role = pinned(
      new IamRole(this, "subscription-role", roleConfig(names.rawSubscriptionRole, "sns.amazonaws.com", options)),
      "sns_firehose",
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
          Resource: this.stream.stream.arn,
        }),
      }),
      "sns_firehose",
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
      "firehose",
    );
  }
}
