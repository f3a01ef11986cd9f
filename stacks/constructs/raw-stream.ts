import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogStream } from "@cdktf/provider-aws/lib/cloudwatch-log-stream";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KinesisFirehoseDeliveryStream } from "@cdktf/provider-aws/lib/kinesis-firehose-delivery-stream";
import { ARCHIVE_HOUR } from "@event-pipeline/event-model/archive-layout";
import { Construct } from "constructs";
import { policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";
import type { KeyAccess } from "./key-access";
import type { RawBucket } from "./raw-bucket";
import { type RoleProps, roleConfig } from "./role-config";

/** Seconds that Firehose gathers records; `archiveFreshnessAlarmSeconds` has to be more. */
const BUFFERING_INTERVAL_SECONDS = 300;

export interface RawStreamProps extends RoleProps {
  /** Terraform's names of the stream with its logs, and of the role that it writes with. */
  readonly address: string;
  readonly roleAddress: string;
  readonly streamName: string;
  /** The role that Firehose writes to the bucket with. */
  readonly roleName: string;
  readonly bucket: RawBucket;
  /** Prefix of archived events, and of what could not be delivered as it should. */
  readonly prefix: string;
  readonly errorPrefix: string;
  /** Days that delivery errors are kept in the logs. */
  readonly logRetentionDays: number;
  /** Key of those logs; undefined for CloudWatch's own. */
  readonly logsKmsKeyArn?: string | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}

/** Gathers what it is sent into compressed objects, by the hour. */
export class RawStream extends Construct {
  readonly stream: KinesisFirehoseDeliveryStream;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RawStreamProps,
  ) {
    super(scope, id);
    const { address, roleAddress, streamName, bucket, prefix, errorPrefix, logsKmsKeyArn, kmsKeyArn } = props;
    const logGroup = pinned(
      new CloudwatchLogGroup(this, "logs", {
        name: `/aws/kinesisfirehose/${streamName}`,
        retentionInDays: props.logRetentionDays,
        ...(logsKmsKeyArn !== undefined && { kmsKeyId: logsKmsKeyArn }),
      }),
      address,
    );
    const logStream = pinned(
      new CloudwatchLogStream(this, "log-stream", { name: "S3Delivery", logGroupName: logGroup.name }),
      address,
    );
    const role = pinned(
      new IamRole(this, "role", roleConfig(props.roleName, "firehose.amazonaws.com", props)),
      roleAddress,
    );
    const policy = this.allow(role, logGroup);
    props.keyAccess.allow(this, role, roleAddress, ["s3:PutObject"]);
    props.keyAccess.precedes(policy);
    this.stream = pinned(
      new KinesisFirehoseDeliveryStream(this, "stream", {
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
          prefix: `${prefix}${ARCHIVE_HOUR}`,
          errorOutputPrefix: `${errorPrefix}!{firehose:error-output-type}/${ARCHIVE_HOUR}`,
          cloudwatchLoggingOptions: { enabled: true, logGroupName: logGroup.name, logStreamName: logStream.name },
        },
        dependsOn: [policy],
      }),
      address,
    );
  }

  /** @see https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3 */
  private allow(role: IamRole, logGroup: CloudwatchLogGroup): IamRolePolicy {
    const bucketArn = this.props.bucket.bucket.arn;
    return pinned(
      new IamRolePolicy(this, "policy", {
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
        ),
      }),
      this.props.roleAddress,
    );
  }
}
