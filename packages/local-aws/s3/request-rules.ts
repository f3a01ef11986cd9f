import type { IncomingMessage } from "node:http";
import { ACCOUNT_ID } from "../account";
import { AwsError } from "../protocols/responses";
import { s3Target } from "./s3-target";

/** Query parameters and headers that an action supports, in addition to those that every action supports. */
interface Supported {
  readonly query?: readonly string[];
  /** `x-amz-` headers, conditional headers and `range`. A name that ends with `-` is a prefix. */
  readonly headers?: readonly string[];
}

export const PRECONDITIONS = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
const LISTING = ["prefix", "delimiter", "max-keys", "encoding-type"];

const SUPPORTED: Readonly<Record<string, Supported>> = {
  AbortMultipartUpload: { query: ["uploadid"] },
  CompleteMultipartUpload: { query: ["uploadid"], headers: ["if-match", "if-none-match"] },
  CopyObject: { headers: ["x-amz-copy-source", "x-amz-meta-"] },
  CreateMultipartUpload: { query: ["uploads"], headers: ["x-amz-meta-"] },
  DeleteObjects: { query: ["delete"] },
  GetBucketLocation: { query: ["location"] },
  GetObject: { query: ["partnumber"], headers: ["range", ...PRECONDITIONS] },
  HeadObject: { headers: PRECONDITIONS },
  ListObjects: { query: [...LISTING, "marker"] },
  ListObjectsV2: { query: [...LISTING, "list-type", "start-after", "continuation-token"] },
  PutObject: { headers: ["if-match", "if-none-match", "x-amz-meta-"] },
  UploadPart: { query: ["uploadid", "partnumber"] },
  UploadPartCopy: { query: ["uploadid", "partnumber"], headers: ["x-amz-copy-source", "x-amz-copy-source-range"] },
};

/** Headers and query parameters that every action supports: those of signatures, and those without an effect. */
const ALWAYS_SUPPORTED = new Set([
  ..."x-amz-algorithm x-amz-credential x-amz-date x-amz-expires x-amz-signedheaders x-amz-signature".split(" "),
  ..."x-amz-security-token x-amz-content-sha256 x-amz-user-agent x-id".split(" "),
  // Signature version 2, in presigned URLs from older tools.
  ..."awsaccesskeyid signature expires".split(" "),
  ..."x-amz-decoded-content-length x-amz-trailer x-amz-sdk-checksum-algorithm".split(" "),
]);

/** Headers and query parameters that are supported only with these values. Most values are S3's defaults. */
const SUPPORTED_VALUES: Readonly<Record<string, readonly string[]>> = {
  "x-amz-acl": ["private", "bucket-owner-full-control"],
  "x-amz-storage-class": ["STANDARD"],
  "x-amz-expected-bucket-owner": [ACCOUNT_ID],
  "x-amz-source-expected-bucket-owner": [ACCOUNT_ID],
  "x-amz-bucket-object-lock-enabled": ["false"],
  "x-amz-tagging-directive": ["COPY"],
  "x-amz-metadata-directive": ["COPY", "REPLACE"],
  "fetch-owner": ["false"],
};

/** Standard HTTP headers that have an effect in S3. */
const HTTP_HEADERS = new Set([...PRECONDITIONS, "range", "expires"]);

/**
 * Rejects a query parameter or header that has an effect in S3 but not in the local run.
 *
 * @throws AwsError NotImplemented.
 */
export function validateSupported(request: IncomingMessage, action: string): void {
  const { query = [], headers = [] } = SUPPORTED[action] ?? {};
  for (const [parameter, value] of s3Target(request).query) {
    const name = parameter.toLowerCase();
    if (query.includes(name) || isAlwaysSupported(name, value)) continue;
    throw notImplemented(action, `the query parameter ${parameter}`, query);
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith("x-amz-") && !HTTP_HEADERS.has(name)) continue;
    if (headers.some((it) => name === it || (it.endsWith("-") && name.startsWith(it)))) continue;
    // `expires` is part of a signature only as a query parameter.
    if (!HTTP_HEADERS.has(name) && isAlwaysSupported(name, String(value))) continue;
    throw notImplemented(action, `${name}: ${value}`, headers);
  }
}

function isAlwaysSupported(name: string, value: string): boolean {
  return (
    ALWAYS_SUPPORTED.has(name) ||
    name.startsWith("x-amz-checksum-") ||
    (SUPPORTED_VALUES[name]?.includes(value) ?? false)
  );
}

function notImplemented(action: string, what: string, supported: readonly string[]): AwsError {
  const instead = supported.length > 0 ? ` Supported: ${supported.join(", ")}.` : "";
  return new AwsError("NotImplemented", `The local run does not support ${action} with ${what}.${instead}`, 501);
}
