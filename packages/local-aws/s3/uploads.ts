import type { UploadPartCopyRequest, UploadPartRequest } from "@aws-sdk/client-s3";
import { checksumTypes, DEFAULT_ALGORITHM } from "./checksums";
import { invalidArgument, invalidRequest } from "./errors";
import type { IncomingBody } from "./incoming-body";
import type { S3, Upload } from "./s3";
import type { Decoded } from "./s3-action";
import type { StoredUpload } from "./stored";

/** Maximum number of a part. */
export const MAX_PARTS = 10_000;

/** Returns the checksum of an upload as members of an output; none if the client did not choose one. */
export function checksumSettings({ algorithm, checksumType }: StoredUpload) {
  return algorithm ? { ChecksumAlgorithm: algorithm, ChecksumType: checksumType ?? checksumTypes(algorithm)[0] } : {};
}

/** Finds the upload of a new part. @throws AwsError for an invalid number, or an unknown upload. */
export function uploadOf(
  s3: S3,
  { Bucket, Key, PartNumber = 0, UploadId }: Decoded<UploadPartRequest | UploadPartCopyRequest>,
): Upload {
  if (!Number.isInteger(PartNumber) || PartNumber < 1 || PartNumber > MAX_PARTS) {
    const message = `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`;
    throw invalidArgument("partNumber", PartNumber, message);
  }
  return s3.upload(Bucket, Key, UploadId);
}

/**
 * Prepares a part's body to compute the upload's checksum.
 *
 * @throws AwsError when the client sends another checksum than it announced for the upload, if it announced one.
 */
export function useChecksumOf({ stored }: Upload, body: IncomingBody): void {
  const { algorithm, checksumType } = stored;
  // For a checksum of the whole object, S3 computes those of the parts.
  const isOptional = body.algorithm === undefined && checksumType !== "COMPOSITE";
  if (algorithm !== undefined && !isOptional && body.algorithm !== algorithm) {
    const [expected, actual] = [algorithm, body.algorithm ?? "null"].map((name) => name.toLowerCase());
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
    );
  }
  body.compute(algorithm ?? DEFAULT_ALGORITHM);
}
