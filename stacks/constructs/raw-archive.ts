import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import type { pipelineNames } from "../names";
import type { PipelineOptions } from "../options";
import { policyDocument, trustPolicy } from "../policy-document";
import { pinned } from "../terraform-address";
import { useKeyStatements } from "./encryption-key";
import type { EventTopic } from "./event-topic";
import { RawBucket } from "./raw-bucket";
import type { UndeliveredQueue } from "./undelivered-queue";

/** Firehose fills in UTC times itself; Terraform leaves `!{` alone. */
const BY_HOUR = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/";
const PREFIX = "raw/";
const ERROR_PREFIX = "errors/";
const ADDRESS = "events_raw";

/** Seconds that Firehose gathers records; the archive's alarm builds on it. */
export const BUFFERING_INTERVAL_SECONDS = 300;

export interface RawArchiveProps {
  readonly names: ReturnType<typeof pipelineNames>;
  readonly options: PipelineOptions;
  readonly kmsKeyArn: string | undefined;
}

/** Every event as SNS sent it, in S3, for audit and replay. */
export class RawArchive extends Construct {
  readonly bucket: RawBucket;
  readonly stream: KinesisFirehoseDeliveryStream;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RawArchiveProps,
  ) {
    super(scope, id);
    this.bucket = new RawBucket(this, "bucket", {
      bucketName: props.names.rawBucket,
      prefix: PREFIX,
      errorPrefix: ERROR_PREFIX,
      retain: props.options.retainData,
      kmsKeyArn: props.kmsKeyArn,
    });
    this.stream = this.addStream();
  }

  /**
   * Subscribes the stream to `topic`. The envelope is kept, so MessageId and
   * Timestamp are in the archive and a replay writes the same items again.
   */
  subscribeTo({ topic }: EventTopic, undelivered: UndeliveredQueue): void {
    const role = pinned(
      new IamRole(this, "subscription-role", {
        name: this.props.names.rawSubscriptionRole,
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
        redrivePolicy: undelivered.redrivePolicy,
        dependsOn: [policy, undelivered.policy],
      }),
      "firehose",
    );
  }

  private addStream(): KinesisFirehoseDeliveryStream {
    const { names, options, kmsKeyArn } = this.props;
    const logGroup = pinned(
      new CloudwatchLogGroup(this, "logs", {
        name: `/aws/kinesisfirehose/${names.rawStream}`,
        retentionInDays: options.logRetentionDays,
      }),
      ADDRESS,
    );
    const logStream = pinned(
      new CloudwatchLogStream(this, "log-stream", { name: "S3Delivery", logGroupName: logGroup.name }),
      ADDRESS,
    );
    const role = pinned(
      new IamRole(this, "stream-role", {
        name: names.rawStreamRole,
        assumeRolePolicy: trustPolicy("firehose.amazonaws.com"),
      }),
      "firehose_s3",
    );
    const policy = this.allowStream(role, logGroup);
    return pinned(
      new KinesisFirehoseDeliveryStream(this, "stream", {
        name: names.rawStream,
        destination: "extended_s3",
        serverSideEncryption:
          kmsKeyArn === undefined
            ? { enabled: true, keyType: "AWS_OWNED_CMK" }
            : { enabled: true, keyType: "CUSTOMER_MANAGED_CMK", keyArn: kmsKeyArn },
        extendedS3Configuration: {
          roleArn: role.arn,
          bucketArn: this.bucket.bucket.arn,
          bufferingInterval: BUFFERING_INTERVAL_SECONDS,
          bufferingSize: 5,
          compressionFormat: "GZIP",
          prefix: `${PREFIX}${BY_HOUR}`,
          errorOutputPrefix: `${ERROR_PREFIX}!{firehose:error-output-type}/${BY_HOUR}`,
          cloudwatchLoggingOptions: { enabled: true, logGroupName: logGroup.name, logStreamName: logStream.name },
        },
        dependsOn: [policy],
      }),
      ADDRESS,
    );
  }

  /** @see https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3 */
  private allowStream(role: IamRole, logGroup: CloudwatchLogGroup): IamRolePolicy {
    const bucketArn = this.bucket.bucket.arn;
    return pinned(
      new IamRolePolicy(this, "stream-policy", {
        name: "write-to-bucket",
        role: role.id,
        policy: policyDocument(
          {
            Sid: "FindBucket",
            Effect: "Allow",
            Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            Resource: bucketArn,
          },
          {
            Sid: "WriteObjects",
            Effect: "Allow",
            Action: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            Resource: `${bucketArn}/*`,
          },
          {
            Sid: "LogErrors",
            Effect: "Allow",
            Action: "logs:PutLogEvents",
            Resource: `${logGroup.arn}:log-stream:*`,
          },
          ...useKeyStatements(this.props.kmsKeyArn),
        ),
      }),
      "firehose_s3",
    );
  }
}
