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
import { S3Object } from "@cdktf/provider-aws/lib/s3-object";
import { ARCHIVE_ERROR_PREFIX, ARCHIVE_PREFIX, CONTRACTS_KEY } from "@event-pipeline/event-model/archive-layout";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument } from "../policy-document";
import { addBlock, escapeTemplates } from "../terraform";
import type { SharedProps } from "./shared-props";

export interface RawBucketProps extends SharedProps {
  /** The JSON of the contracts and the mapping, which commands read; undefined if there are none. */
  readonly contractsJson: string | undefined;
}

/** Number of days that S3 keeps an object's versions that were replaced or deleted. */
const NONCURRENT_DAYS = 30;

/** The archive's bucket: private, encrypted and versioned. Objects of 128 KB or more move to cheaper storage classes. */
export class RawBucket extends Construct {
  readonly bucket: S3Bucket;

  constructor(scope: Construct, id: string, props: RawBucketProps) {
    super(scope, id);
    const { addresses, names, retainData, kmsKeyArn, keyAccess, contractsJson } = props;
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
          ...(contractsJson === undefined && noncurrentExpiration(NONCURRENT_DAYS)),
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
        ...(contractsJson === undefined ? [] : formerVersionRules(props)),
      ],
      // The provider recommends this dependency for rules about noncurrent versions.
      dependsOn: [versioning],
    });
    if (contractsJson === undefined) return;
    addBlock(this, S3Object, "contracts", addresses.contracts, {
      bucket,
      // Without the hash, because Terraform would delete the object of the previous hash.
      key: CONTRACTS_KEY,
      content: escapeTemplates(contractsJson),
      contentType: "application/json",
      // S3 allows 10 tags for an object, and the option `tags` allows more.
      overrideProvider: { defaultTags: { tags: {} } },
      dependsOn: [encryption, versioning],
    });
  }
}

function noncurrentExpiration(noncurrentDays: number) {
  return { noncurrentVersionExpiration: [{ noncurrentDays }] };
}

/** Returns rules that keep earlier contracts as long as the events that were published under them. */
function formerVersionRules({ archiveExpiryDays }: SharedProps): S3BucketLifecycleConfigurationRule[] {
  const rule = (id: string, prefix: string, days: number) => ({
    id,
    status: "Enabled",
    filter: [{ prefix }],
    ...noncurrentExpiration(days),
  });
  return [
    rule("clean-up-events", ARCHIVE_PREFIX, NONCURRENT_DAYS),
    rule("clean-up-errors", ARCHIVE_ERROR_PREFIX, NONCURRENT_DAYS),
    // With 0, events never expire.
    ...(archiveExpiryDays > 0 ? [rule("clean-up-contracts", CONTRACTS_KEY, archiveExpiryDays)] : []),
  ];
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
