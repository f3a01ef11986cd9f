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
import type { KeyAccess } from "./key-access";

export interface RawBucketProps {
  /** Terraform's name of the bucket and all that belongs to it. */
  readonly address: string;
  readonly bucketName: string;
  /** Prefix of archived events. */
  readonly prefix: string;
  /** Prefix of what Firehose could not deliver as it should. */
  readonly errorPrefix: string;
  /** Whether `terraform destroy` refuses to plan the bucket's end; otherwise it empties it. */
  readonly retainData: boolean;
  /** Days after which an archived event moves to STANDARD_IA and to GLACIER, and is deleted; 0 for never. */
  readonly archiveStandardIaDays: number;
  readonly archiveGlacierDays: number;
  readonly archiveExpiryDays: number;
  readonly kmsKeyArn?: string | undefined;
  readonly keyAccess: KeyAccess;
}

/** The bucket of the archive: private, encrypted, versioned; objects of 128 KB and more grow cheaper as they age. */
export class RawBucket extends Construct {
  readonly bucket: S3Bucket;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RawBucketProps,
  ) {
    super(scope, id);
    const { address } = props;
    this.bucket = pinned(
      new S3Bucket(this, "bucket", {
        bucket: props.bucketName,
        forceDestroy: !props.retainData,
        // Refuses at plan: AWS refuses only once half of the stack is gone.
        ...(props.retainData && { lifecycle: { preventDestroy: true } }),
      }),
      address,
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
      address,
    );
    pinned(
      new S3BucketOwnershipControls(this, "ownership", { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }),
      address,
    );
    pinned(
      new S3BucketPolicy(this, "policy", {
        bucket,
        policy: policyDocument(denyInsecureTransport("s3:*", [this.bucket.arn, `${this.bucket.arn}/*`])),
      }),
      address,
    );
    this.encrypt();
    const versioning = pinned(
      new S3BucketVersioningA(this, "versioning", { bucket, versioningConfiguration: { status: "Enabled" } }),
      address,
    );
    this.age(versioning);
  }

  private encrypt(): void {
    const { address, kmsKeyArn, keyAccess } = this.props;
    const encryption = pinned(
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
      address,
    );
    keyAccess.precedes(encryption);
  }

  /** None for an archive that never changes, since S3 takes no rule without an action. */
  private eventRules(): S3BucketLifecycleConfigurationRule[] {
    const { prefix, archiveStandardIaDays, archiveGlacierDays, archiveExpiryDays } = this.props;
    const transition = [
      { days: archiveStandardIaDays, storageClass: "STANDARD_IA" },
      { days: archiveGlacierDays, storageClass: "GLACIER" },
    ].filter(({ days }) => days > 0);
    if (transition.length === 0 && archiveExpiryDays === 0) return [];
    return [
      {
        id: "archive-events",
        status: "Enabled",
        filter: [{ prefix }],
        ...(transition.length > 0 && { transition }),
        ...(archiveExpiryDays > 0 && { expiration: [{ days: archiveExpiryDays }] }),
      },
    ];
  }

  private age(versioning: S3BucketVersioningA): void {
    const { address, errorPrefix } = this.props;
    pinned(
      new S3BucketLifecycleConfiguration(this, "lifecycle", {
        bucket: this.bucket.id,
        rule: [
          ...this.eventRules(),
          {
            id: "expire-errors",
            status: "Enabled",
            filter: [{ prefix: errorPrefix }],
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
      address,
    );
  }
}
