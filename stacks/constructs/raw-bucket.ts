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
import { ARCHIVE_ERROR_PREFIX, ARCHIVE_PREFIX } from "@event-pipeline/event-model/archive-layout";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../policy-document";
import { addBlock } from "../terraform";
import type { SharedProps } from "./shared-props";

/** The archive's bucket: private, encrypted and versioned. Objects of 128 KB or more move to cheaper storage classes. */
export class RawBucket extends Construct {
  readonly bucket: S3Bucket;

  constructor(scope: Construct, id: string, props: SharedProps) {
    super(scope, id);
    const { addresses, names, retainData, kmsKeyArn, keyAccess } = props;
    const address = addresses.archive;
    this.bucket = addBlock(this, S3Bucket, "bucket", address, {
      bucket: props.rawBucketName ?? names.rawBucket,
      forceDestroy: !retainData,
      // Makes the plan fail. AWS would reject the deletion only after other resources are gone.
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    });
    const bucket = this.bucket.id;
    addBlock(this, S3BucketPublicAccessBlock, "public-access-block", address, {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    addBlock(this, S3BucketOwnershipControls, "ownership", address, {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    addBlock(this, S3BucketPolicy, "policy", address, {
      bucket,
      policy: policyDocument(denyInsecureTransport("s3:*", [this.bucket.arn, `${this.bucket.arn}/*`])),
    });
    const encryption = addBlock(this, S3BucketServerSideEncryptionConfigurationA, "encryption", address, {
      bucket,
      rule: [
        kmsKeyArn === undefined
          ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
          : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
              // One data key serves many objects, which saves requests to KMS.
              bucketKeyEnabled: true,
            },
      ],
    });
    keyAccess.precedes(encryption);
    const versioning = addBlock(this, S3BucketVersioningA, "versioning", address, {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    addBlock(this, S3BucketLifecycleConfiguration, "lifecycle", address, {
      bucket,
      rule: [
        ...eventRules(props),
        {
          id: "expire-errors",
          status: "Enabled",
          filter: [{ prefix: ARCHIVE_ERROR_PREFIX }],
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
      // The provider recommends this dependency for rules about noncurrent versions.
      dependsOn: [versioning],
    });
  }
}

/** Returns no rule if archived objects never move or expire: S3 rejects a rule without an action. */
function eventRules(props: SharedProps): S3BucketLifecycleConfigurationRule[] {
  const { archiveStandardIaDays, archiveGlacierDays, archiveExpiryDays } = props;
  const transition = [
    { days: archiveStandardIaDays, storageClass: "STANDARD_IA" },
    { days: archiveGlacierDays, storageClass: "GLACIER" },
  ].filter(({ days }) => days > 0);
  if (transition.length === 0 && archiveExpiryDays === 0) return [];
  return [
    {
      id: "archive-events",
      status: "Enabled",
      filter: [{ prefix: ARCHIVE_PREFIX }],
      ...(transition.length > 0 && { transition }),
      ...(archiveExpiryDays > 0 && { expiration: [{ days: archiveExpiryDays }] }),
    },
  ];
}
