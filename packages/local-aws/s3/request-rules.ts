import type { IncomingMessage } from "node:http";
import { ACCOUNT_ID } from "../account";
import type { ErrorAnswer } from "../error-answer";
import { s3Target } from "./s3-target";

/** What an action takes beyond what every action takes. */
interface Takes {
  readonly query?: readonly string[];
  /** Beside those of HTTP itself. */
  readonly headers?: readonly string[];
}

const PRECONDITIONS = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
const LISTING = ["prefix", "delimiter", "max-keys", "encoding-type"];

const TAKEN: Readonly<Record<string, Takes>> = {
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

/** What changes nothing, or is the signature, in a header or in the query of a presigned URL. */
const TAKEN_BY_ALL = new Set([
  ..."x-amz-algorithm x-amz-credential x-amz-date x-amz-expires x-amz-signedheaders x-amz-signature".split(" "),
  ..."x-amz-security-token x-amz-content-sha256 x-amz-user-agent x-id".split(" "),
  // Of the signature that older tools presign with.
  ..."awsaccesskeyid signature expires".split(" "),
  ..."x-amz-decoded-content-length x-amz-trailer x-amz-sdk-checksum-algorithm".split(" "),
]);

/** Headers and parameters that are taken with these values only; most say what is so anyway. */
const TAKEN_VALUES: Readonly<Record<string, readonly string[]>> = {
  "x-amz-acl": ["private", "bucket-owner-full-control"],
  "x-amz-storage-class": ["STANDARD"],
  "x-amz-expected-bucket-owner": [ACCOUNT_ID],
  "x-amz-source-expected-bucket-owner": [ACCOUNT_ID],
  "x-amz-bucket-object-lock-enabled": ["false"],
  "x-amz-tagging-directive": ["COPY"],
  "x-amz-metadata-directive": ["COPY", "REPLACE"],
  "fetch-owner": ["false"],
};

/** Headers of HTTP that change what S3 does. */
const HTTP_HEADERS = new Set([...PRECONDITIONS, "range", "expires"]);

/**
 * Why an action that is served is not served in this way: a query parameter or
 * a header that would change what S3 does, and that nobody here heeds.
 *
 * @returns undefined when everything in the request is heeded.
 */
export function notTaken(request: IncomingMessage, action: string): ErrorAnswer | undefined {
  const { query = [], headers = [] } = TAKEN[action] ?? {};
  for (const [name, value] of s3Target(request).query) {
    const known = name.toLowerCase();
    if (query.includes(known) || isTakenByAll(known) || TAKEN_VALUES[known]?.includes(value)) continue;
    return refusal(action, `the query parameter ${name}`, query);
  }
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith("x-amz-") && !HTTP_HEADERS.has(name)) continue;
    const isTaken = headers.some((taken) => name === taken || (taken.endsWith("-") && name.startsWith(taken)));
    // `Expires` is a signature's in the query alone.
    if (isTaken || (!HTTP_HEADERS.has(name) && isTakenByAll(name)) || TAKEN_VALUES[name]?.includes(String(value)))
      continue;
    return refusal(action, `${name}: ${value}`, headers);
  }
  return undefined;
}

function isTakenByAll(name: string): boolean {
  return TAKEN_BY_ALL.has(name) || name.startsWith("x-amz-checksum-");
}

function refusal(action: string, what: string, taken: readonly string[]): ErrorAnswer {
  const instead = taken.length > 0 ? ` It takes ${taken.join(", ")}.` : "";
  return {
    status: 501,
    code: "NotImplemented",
    message: `The local run has no ${action} with ${what}, which S3 would heed.${instead}`,
  };
}
