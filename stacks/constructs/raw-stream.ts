import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { ARCHIVE_ERROR_PREFIX, ARCHIVE_HOUR, ARCHIVE_PREFIX } from "@event-pipeline/event-model/archive-layout";
import { Construct } from "constructs";
import type { PolicyStatement } from "../policy-document";
import { addBlock } from "../terraform";
import { addLogGroup } from "./log-group";
import type { RawBucket } from "./raw-bucket";
import { addServiceRole, type RoleProps } from "./service-role";
import type { SharedProps } from "./shared-props";

/** `archiveFreshnessAlarmSeconds` must be more than this. */
const BUFFERING_INTERVAL_SECONDS = 300;

type StreamProps = "logRetentionDays" | "logsKmsKeyArn" | "kmsKeyArn" | "keyAccess";

export interface RawStreamProps extends RoleProps, Pick<SharedProps, StreamProps> {
  /** Terraform names of the stream with its logs, and of its role. */
  readonly address: string;
  readonly roleAddress: string;
  readonly streamName: string;
  /** Name of the role that Firehose writes to the bucket with. */
  readonly roleName: string;
  readonly bucket: RawBucket;
}

/** A delivery stream that writes records to a bucket, in gzipped objects under a prefix for each hour. */
export class RawStream extends Construct {
  readonly stream: KinesisFirehoseDeliveryStream;

  constructor(scope: Construct, id: string, props: RawStreamProps) {
    super(scope, id);
    const { address, roleAddress, streamName, bucket, kmsKeyArn, keyAccess } = props;
    const logGroup = addLogGroup(this, "logs", props, { address, name: `/aws/kinesisfirehose/${streamName}` });
    const logStream = addBlock(this, CloudwatchLogStream, "log-stream", address, {
      name: "S3Delivery",
      logGroupName: logGroup.name,
    });
    const statements = writeStatements(bucket.bucket.arn, logGroup.arn);
    const { role, policy } = addServiceRole(this, props, {
      address: roleAddress,
      name: props.roleName,
      service: "firehose.amazonaws.com",
      policyName: "write-to-bucket",
      statements,
    });
    keyAccess.allow(this, role, roleAddress, statements);
    keyAccess.precedes(policy);
    this.stream = addBlock(this, KinesisFirehoseDeliveryStream, "stream", address, {
      name: streamName,
      destination: "extended_s3",
      serverSideEncryption:
        kmsKeyArn === undefined
          ? { enabled: true, keyType: "AWS_OWNED_CMK" }
          : { enabled: true, keyType: "CUSTOMER_MANAGED_CMK", keyArn: kmsKeyArn },
      extendedS3Configuration: {
        roleArn: role.arn,
        bucketArn: bucket.bucket.arn,
        bufferingInterval: BUFFERING_INTERVAL_SECONDS,
        bufferingSize: 5,
        compressionFormat: "GZIP",
        prefix: `${ARCHIVE_PREFIX}${ARCHIVE_HOUR}`,
        errorOutputPrefix: `${ARCHIVE_ERROR_PREFIX}!{firehose:error-output-type}/${ARCHIVE_HOUR}`,
        cloudwatchLoggingOptions: { enabled: true, logGroupName: logGroup.name, logStreamName: logStream.name },
      },
      dependsOn: [policy],
    });
  }
}

/** @see https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3 */
function writeStatements(bucketArn: string, logGroupArn: string): PolicyStatement[] {
  return [
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
      Resource: `${logGroupArn}:log-stream:*`,
    },
  ];
}
