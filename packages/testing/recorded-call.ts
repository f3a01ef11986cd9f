import type { SdkRequest } from "./faulty-proxy";
import { type AskedParameters, parametersOf, resourcesOf } from "./recorded-resources";

/** A request's action and resources, as IAM checks them. */
export interface RecordedCall {
  /** The action that a policy must allow, such as `sns:Publish`. */
  readonly action: string;
  /** ARNs of the resources; `*` for an action without resources. */
  readonly resources: readonly string[];
}

/** Action prefixes by signing name, for services where the two differ. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/**
 * IAM actions whose names differ from the operation, by operation.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "s3:DeleteBucketEncryption": ["s3:PutEncryptionConfiguration"],
  "s3:DeleteBucketLifecycle": ["s3:PutLifecycleConfiguration"],
  "s3:DeleteBucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
  "s3:DeleteBucketTagging": ["s3:PutBucketTagging"],
  "s3:DeletePublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
  // Requests name object versions, so both actions are required.
  "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
  "s3:GetBucketAccelerateConfiguration": ["s3:GetAccelerateConfiguration"],
  "s3:GetBucketCors": ["s3:GetBucketCORS"],
  "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
  "s3:GetBucketLifecycleConfiguration": ["s3:GetLifecycleConfiguration"],
  "s3:GetBucketReplication": ["s3:GetReplicationConfiguration"],
  "s3:GetObjectLockConfiguration": ["s3:GetBucketObjectLockConfiguration"],
  "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
  "s3:HeadBucket": ["s3:ListBucket"],
  "s3:HeadObject": ["s3:GetObject"],
  "s3:ListObjectVersions": ["s3:ListBucketVersions"],
  "s3:ListObjects": ["s3:ListBucket"],
  "s3:ListObjectsV2": ["s3:ListBucket"],
  "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
  "s3:PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
  "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
  "sns:PublishBatch": ["sns:Publish"],
  "sqs:ChangeMessageVisibilityBatch": ["sqs:ChangeMessageVisibility"],
  "sqs:DeleteMessageBatch": ["sqs:DeleteMessage"],
  "sqs:SendMessageBatch": ["sqs:SendMessage"],
};

/** Returns the actions that a policy must allow for an operation, such as `sqs:DeleteMessage` for `sqs:DeleteMessageBatch`. */
export function iamActions(operation: string): readonly string[] {
  return ACTIONS[operation] ?? [operation];
}

/** Returns the actions and resources that IAM checks for a request; none if the request needs no permission. */
export function recordedCalls(
  { service: signingName, action: asked, request, bytes, region = "" }: SdkRequest,
  account: string,
): RecordedCall[] {
  const service = PREFIXES[signingName] ?? signingName;
  // In X-Ray, the path is the operation's name.
  const operation = `${service}:${asked.replace(/^POST \//, "")}`;
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  if (operation === "sts:GetCallerIdentity") return [];
  const parameters: AskedParameters = parametersOf(request, bytes);
  const resources = resourcesOf(operation, parameters, { request, region, account });
  const isVersion = operation === "s3:GetObject" && /[?&]versionId=/.test(request.url ?? "");
  const actions = isVersion ? ["s3:GetObjectVersion"] : iamActions(operation);
  return actions.map((action) => ({ action, resources }));
}
