import type { ChecksumAlgorithm, UploadPartCopyRequest, UploadPartRequest } from "@aws-sdk/client-s3";
import { type ChecksumMembers, DEFAULT_ALGORITHM } from "./checksums";
import { invalidArgument, invalidRequest } from "./errors";
import type { IncomingBody } from "./incoming-body";
import type { S3, Upload } from "./s3";
import type { Decoded } from "./s3-action";
import type { StoredPart, StoredUpload } from "./stored";

/** Maximum number of a part. */
export const MAX_PARTS = 10_000;

/** Returns the settings of an upload's checksum as members of an output. */
export function checksumSettings({ algorithm, checksumType }: StoredUpload) {
  return { ChecksumAlgorithm: algorithm, ChecksumType: checksumType };
}

/** Returns a part's checksum as a member of an output; none without an algorithm. */
export function partChecksum(algorithm: ChecksumAlgorithm | undefined, { checksums }: StoredPart): ChecksumMembers {
  return algorithm ? { [`Checksum${algorithm}`]: checksums[algorithm] } : {};
}

/** @throws AwsError for the number of a part that S3 does not allow. */
export function assertPartNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PARTS) return;
  const message = `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`;
  throw invalidArgument("partNumber", number, message);
}

/** Finds the upload of a new part. @throws AwsError for an invalid number, or an unknown upload. */
export function uploadOf(s3: S3, input: Decoded<UploadPartRequest | UploadPartCopyRequest>): Upload {
  assertPartNumber(input.PartNumber);
  return s3.upload(input.Bucket, input.Key, input.UploadId);
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
