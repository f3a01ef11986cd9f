import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { ARCHIVE_ERROR_PREFIX, ARCHIVE_HOUR, ARCHIVE_PREFIX } from "@event-pipeline/event-model/archive-layout";
import { Construct } from "constructs";
import { allow, type PolicyStatement } from "../policy-document";
import { addBlock } from "../terraform";
import { addLogGroup } from "./log-group";
import type { RawBucket } from "./raw-bucket";
import { addServiceRole } from "./service-role";
import type { SharedProps } from "./shared-props";

export interface RawStreamProps extends SharedProps {
  readonly bucket: RawBucket;
}

/** A Firehose stream that writes gzipped objects to a bucket, with a prefix for each hour. */
export class RawStream extends Construct {
  readonly stream: KinesisFirehoseDeliveryStream;

  constructor(scope: Construct, id: string, props: RawStreamProps) {
    super(scope, id);
    const { names, addresses, bucket, kmsKeyArn, keyAccess } = props;
    const address = addresses.archive;
    const logGroup = addLogGroup(this, "logs", props, { address, name: `/aws/kinesisfirehose/${names.rawStream}` });
    const logStream = addBlock(this, CloudwatchLogStream, "log-stream", address, {
      name: "S3Delivery",
      logGroupName: logGroup.name,
    });
    const statements = writeStatements(bucket.bucket.arn, logGroup.arn);
    const { role, policy } = addServiceRole(this, props, {
      address: addresses.archiveRole,
      name: names.rawStreamRole,
      service: "firehose.amazonaws.com",
      policyName: "write-to-bucket",
      statements,
    });
    keyAccess.allow(this, role, addresses.archiveRole, statements);
    keyAccess.precedes(policy);
    this.stream = addBlock(this, KinesisFirehoseDeliveryStream, "stream", address, {
      name: names.rawStream,
      destination: "extended_s3",
      serverSideEncryption:
        kmsKeyArn === undefined
          ? { enabled: true, keyType: "AWS_OWNED_CMK" }
          : { enabled: true, keyType: "CUSTOMER_MANAGED_CMK", keyArn: kmsKeyArn },
      extendedS3Configuration: {
        roleArn: role.arn,
        bucketArn: bucket.bucket.arn,
        bufferingInterval: props.archiveBufferSeconds,
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
    allow("FindBucket", ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], bucketArn),
    allow("WriteObjects", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], `${bucketArn}/*`),
    allow("LogErrors", "logs:PutLogEvents", `${logGroupArn}:log-stream:*`),
  ];
}
