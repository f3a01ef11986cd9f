import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../policy-document";
import { pinned } from "../terraform-address";

const ADDRESS = "events_raw";

export interface RawBucketProps {
  readonly bucketName: string;
  /** Prefix of archived events. */
  readonly prefix: string;
  /** Prefix of what Firehose could not deliver as it should. */
  readonly errorPrefix: string;
  /** Whether `terraform destroy` refuses to plan the bucket's end; otherwise it empties it. */
  readonly retain: boolean;
  /** Days after which an archived event moves to STANDARD_IA and to GLACIER, and is deleted; 0 for never. */
  readonly standardIaDays: number;
  readonly glacierDays: number;
  readonly expiryDays: number;
  readonly kmsKeyArn: string | undefined;
}

/** The bucket of the archive: private, encrypted, versioned; objects of 128 KB and more grow cheaper as they age. */
export class RawBucket extends Construct {
  readonly bucket: S3Bucket;

  constructor(scope: Construct, id: string, props: RawBucketProps) {
    super(scope, id);
    this.bucket = pinned(
      new S3Bucket(this, "bucket", {
        bucket: props.bucketName,
        forceDestroy: !props.retain,
        // Refuses at plan: AWS refuses only once half of the stack is gone.
        ...(props.retain && { lifecycle: { preventDestroy: true } }),
      }),
      ADDRESS,
    );
    const bucket = this.bucket.id;
    pinned(
      new S3BucketPublicAccessBlock(this, "public-access-block", {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      }),
      ADDRESS,
    );
    pinned(
      new S3BucketOwnershipControls(this, "ownership", { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }),
      ADDRESS,
    );
    pinned(
      new S3BucketPolicy(this, "policy", {
        bucket,
        policy: policyDocument(denyInsecureTransport("s3:*", [this.bucket.arn, `${this.bucket.arn}/*`])),
      }),
      ADDRESS,
    );
    this.encrypt(props.kmsKeyArn);
    const versioning = pinned(
      new S3BucketVersioningA(this, "versioning", { bucket, versioningConfiguration: { status: "Enabled" } }),
      ADDRESS,
    );
    this.age(props, versioning);
  }

  private encrypt(kmsKeyArn: string | undefined): void {
    pinned(
      new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
        bucket: this.bucket.id,
        rule: [
          kmsKeyArn === undefined
            ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
            : {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
                // One data key for many objects, which makes KMS's share of the bill small.
                bucketKeyEnabled: true,
              },
        ],
      }),
      ADDRESS,
    );
  }

  /** None for an archive that never changes, since S3 takes no rule without an action. */
  private eventRules({
    prefix,
    standardIaDays,
    glacierDays,
    expiryDays,
  }: RawBucketProps): S3BucketLifecycleConfigurationRule[] {
    const transition = [
      { days: standardIaDays, storageClass: "STANDARD_IA" },
      { days: glacierDays, storageClass: "GLACIER" },
    ].filter(({ days }) => days > 0);
    if (transition.length === 0 && expiryDays === 0) return [];
    return [
      {
        id: "archive-events",
        status: "Enabled",
        filter: [{ prefix }],
        ...(transition.length > 0 && { transition }),
        ...(expiryDays > 0 && { expiration: [{ days: expiryDays }] }),
      },
    ];
  }

  private age(props: RawBucketProps, versioning: S3BucketVersioningA): void {
    pinned(
      new S3BucketLifecycleConfiguration(this, "lifecycle", {
        bucket: this.bucket.id,
        rule: [
          ...this.eventRules(props),
          {
            id: "expire-errors",
            status: "Enabled",
            filter: [{ prefix: props.errorPrefix }],
            expiration: [{ days: 30 }],
          },
          {
            id: "clean-up",
            status: "Enabled",
            filter: [{ prefix: "" }],
            noncurrentVersionExpiration: [{ noncurrentDays: 30 }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
        ],
        // The provider's advice, for rules on noncurrent versions.
        dependsOn: [versioning],
      }),
      ADDRESS,
    );
  }
}
