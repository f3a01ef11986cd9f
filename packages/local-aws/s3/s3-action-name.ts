import type { IncomingMessage } from "node:http";
import { s3Target } from "./s3-target";

type ByMethod = Readonly<Partial<Record<string, string>>>;

/** Returns the actions of a bucket configuration with ids. */
const byId = (name: string): ByMethod => ({
  GET: `GetBucket${name}Configuration`,
  LIST: `ListBucket${name}Configurations`,
  PUT: `PutBucket${name}Configuration`,
  DELETE: `DeleteBucket${name}Configuration`,
});

const ofBucket = (name: string): ByMethod => ({
  GET: `GetBucket${name}`,
  PUT: `PutBucket${name}`,
  DELETE: `DeleteBucket${name}`,
});

const plain = (name: string): ByMethod => ({ GET: `Get${name}`, PUT: `Put${name}`, DELETE: `Delete${name}` });

/**
 * Actions by query parameter and method.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
const BUCKET_PARAMETERS: Readonly<Record<string, ByMethod>> = {
  abac: ofBucket("Abac"),
  accelerate: ofBucket("AccelerateConfiguration"),
  acl: ofBucket("Acl"),
  analytics: byId("Analytics"),
  cors: ofBucket("Cors"),
  delete: { POST: "DeleteObjects" },
  encryption: ofBucket("Encryption"),
  "intelligent-tiering": byId("IntelligentTiering"),
  inventory: byId("Inventory"),
  lifecycle: { ...ofBucket("LifecycleConfiguration"), DELETE: "DeleteBucketLifecycle" },
  location: { GET: "GetBucketLocation" },
  logging: ofBucket("Logging"),
  metadataAnnotationTable: { PUT: "UpdateBucketMetadataAnnotationTableConfiguration" },
  metadataConfiguration: { ...ofBucket("MetadataConfiguration"), POST: "CreateBucketMetadataConfiguration" },
  metadataInventoryTable: { PUT: "UpdateBucketMetadataInventoryTableConfiguration" },
  metadataJournalTable: { PUT: "UpdateBucketMetadataJournalTableConfiguration" },
  metadataTable: { ...ofBucket("MetadataTableConfiguration"), POST: "CreateBucketMetadataTableConfiguration" },
  metrics: byId("Metrics"),
  notification: ofBucket("NotificationConfiguration"),
  "object-lock": plain("ObjectLockConfiguration"),
  ownershipControls: ofBucket("OwnershipControls"),
  policy: ofBucket("Policy"),
  policyStatus: { GET: "GetBucketPolicyStatus" },
  publicAccessBlock: plain("PublicAccessBlock"),
  replication: ofBucket("Replication"),
  requestPayment: ofBucket("RequestPayment"),
  session: { GET: "CreateSession" },
  tagging: ofBucket("Tagging"),
  uploads: { GET: "ListMultipartUploads" },
  versioning: ofBucket("Versioning"),
  versions: { GET: "ListObjectVersions" },
  website: ofBucket("Website"),
};

const OBJECT_PARAMETERS: Readonly<Record<string, ByMethod>> = {
  acl: plain("ObjectAcl"),
  annotation: { ...plain("ObjectAnnotation"), LIST: "ListObjectAnnotations" },
  attributes: { GET: "GetObjectAttributes" },
  encryption: { PUT: "UpdateObjectEncryption" },
  "legal-hold": plain("ObjectLegalHold"),
  renameObject: { PUT: "RenameObject" },
  restore: { POST: "RestoreObject" },
  retention: plain("ObjectRetention"),
  select: { POST: "SelectObjectContent" },
  tagging: plain("ObjectTagging"),
  torrent: { GET: "GetObjectTorrent" },
  uploads: { POST: "CreateMultipartUpload" },
};

/** Returns the S3 action of a request; its method and path if it is not one. */
export function s3ActionName(request: IncomingMessage): string {
  const { bucket, key, query, pathStyle } = s3Target(request);
  const method = request.method ?? "";
  const unknown = `${method} ${pathStyle}`;
  if (bucket === "WriteGetObjectResponse" || key === "WriteGetObjectResponse") return "WriteGetObjectResponse";
  if (bucket === "" && query.get("x-id") === "ListDirectoryBuckets") return "ListDirectoryBuckets";
  if (bucket === "") return method === "GET" ? "ListBuckets" : unknown;
  for (const [name, byMethod] of Object.entries(key === "" ? BUCKET_PARAMETERS : OBJECT_PARAMETERS)) {
    if (!query.has(name)) continue;
    const listed = method === "GET" && byMethod.LIST !== undefined && !isOfOne(query);
    return byMethod[listed ? "LIST" : method] ?? unknown;
  }
  return (key === "" ? ofWholeBucket(method, query) : ofObject(request, query)) ?? unknown;
}

/** Returns whether the request is for one configuration or annotation, and not for their list. */
function isOfOne(query: URLSearchParams): boolean {
  return query.has("id") || query.has("annotationName") || /^Get/.test(query.get("x-id") ?? "");
}

function ofWholeBucket(method: string, query: URLSearchParams): string | undefined {
  const isV2 = query.get("list-type") === "2";
  const byMethod: ByMethod = {
    GET: isV2 ? "ListObjectsV2" : "ListObjects",
    PUT: "CreateBucket",
    DELETE: "DeleteBucket",
    HEAD: "HeadBucket",
    POST: "PostObject",
  };
  return byMethod[method];
}

function ofObject({ method = "", headers }: IncomingMessage, query: URLSearchParams): string | undefined {
  const isCopy = headers["x-amz-copy-source"] !== undefined;
  const isPart = query.has("uploadId");
  const byMethod: ByMethod = isPart
    ? {
        GET: "ListParts",
        PUT: isCopy ? "UploadPartCopy" : "UploadPart",
        DELETE: "AbortMultipartUpload",
        POST: "CompleteMultipartUpload",
      }
    : { GET: "GetObject", PUT: isCopy ? "CopyObject" : "PutObject", DELETE: "DeleteObject", HEAD: "HeadObject" };
  return byMethod[method];
}
