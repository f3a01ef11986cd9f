import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { policyDocument, trustPolicy } from "../policy-document";
import { pinned } from "../terraform-address";
import type { EventTopic } from "./event-topic";

/** Firehose fills in UTC times itself; Terraform leaves `!{` alone. */
const BY_HOUR = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/";

export interface RawArchiveProps {
  readonly bucketName: string;
  readonly streamName: string;
  /** The role that Firehose writes to the bucket with. */
  readonly streamRoleName: string;
  /** The role that SNS puts to the stream with. */
  readonly subscriptionRoleName: string;
}

/** Every event as SNS sent it, in S3, for audit and replay. */
export class RawArchive extends Construct {
  readonly bucket: S3Bucket;
  readonly stream: KinesisFirehoseDeliveryStream;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RawArchiveProps,
  ) {
    super(scope, id);
    this.bucket = this.addBucket();
    this.stream = this.addStream();
  }

  /**
   * Subscribes the stream to `topic`. The envelope is kept, so MessageId and
   * Timestamp are in the archive and a replay writes the same items again.
   */
  subscribeTo({ topic }: EventTopic): void {
    const role = pinned(
      new IamRole(this, "subscription-role", {
        name: this.props.subscriptionRoleName,
        assumeRolePolicy: trustPolicy("sns.amazonaws.com"),
      }),
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
          Resource: this.stream.arn,
        }),
      }),
      "sns_firehose",
    );
    pinned(
      new SnsTopicSubscription(this, "subscription", {
        topicArn: topic.arn,
        protocol: "firehose",
        endpoint: this.stream.arn,
        subscriptionRoleArn: role.arn,
        rawMessageDelivery: false,
        dependsOn: [policy],
      }),
      "firehose",
    );
  }

  private addBucket(): S3Bucket {
    const bucket = pinned(new S3Bucket(this, "bucket", { bucket: this.props.bucketName }), "events_raw");
    pinned(
      new S3BucketPublicAccessBlock(this, "public-access-block", {
        bucket: bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      }),
      "events_raw",
    );
    pinned(
      new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
        bucket: bucket.id,
        rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      }),
      "events_raw",
    );
    return bucket;
  }

  private addStream(): KinesisFirehoseDeliveryStream {
    const role = pinned(
      new IamRole(this, "stream-role", {
        name: this.props.streamRoleName,
        assumeRolePolicy: trustPolicy("firehose.amazonaws.com"),
      }),
      "firehose_s3",
    );
    const policy = pinned(
      new IamRolePolicy(this, "stream-policy", {
        name: "write-to-bucket",
        role: role.id,
        // https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
        policy: policyDocument(
          {
            Sid: "FindBucket",
            Effect: "Allow",
            Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            Resource: this.bucket.arn,
          },
          {
            Sid: "WriteObjects",
            Effect: "Allow",
            Action: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            Resource: `${this.bucket.arn}/*`,
          },
        ),
      }),
      "firehose_s3",
    );
    return pinned(
      new KinesisFirehoseDeliveryStream(this, "stream", {
        name: this.props.streamName,
        destination: "extended_s3",
        extendedS3Configuration: {
          roleArn: role.arn,
          bucketArn: this.bucket.arn,
          bufferingInterval: 300,
          bufferingSize: 5,
          compressionFormat: "GZIP",
          prefix: `raw/${BY_HOUR}`,
          errorOutputPrefix: `errors/!{firehose:error-output-type}/${BY_HOUR}`,
        },
        dependsOn: [policy],
      }),
      "events_raw",
    );
  }
}
