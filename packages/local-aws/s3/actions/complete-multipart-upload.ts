import type {
  ChecksumAlgorithm,
  CompletedPart,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadRequest,
} from "@aws-sdk/client-s3";
import { AwsError } from "../../protocols/aws-error";
import {
  badDigest,
  CHECKSUM_MEMBERS,
  checksumIn,
  combinedCrc,
  compositeChecksum,
  DEFAULT_ALGORITHM,
  type StoredChecksum,
} from "../checksums";
import { includesTag } from "../conditions";
import { invalidRequest, malformedXml } from "../errors";
import { storedMembers } from "../read-object";
import type { ObjectVersion, Upload } from "../s3";
import type { S3Action } from "../s3-action";
import type { StoredObject, StoredPart, StoredUpload } from "../stored";
import { MAX_PARTS } from "../uploads";

/** Minimum size of each part but the last one: 5 MiB. */
const MIN_PART_BYTES = 5 * 1_024 ** 2;

export const CompleteMultipartUpload: S3Action<CompleteMultipartUploadRequest, CompleteMultipartUploadOutput> = {
  handles: [
    "Bucket",
    "Key",
    "ChecksumType",
    "ExpectedBucketOwner",
    "IfMatch",
    "IfNoneMatch",
    "MpuObjectSize",
    "MultipartUpload.Parts.ETag",
    "MultipartUpload.Parts.PartNumber",
    "UploadId",
    ...CHECKSUM_MEMBERS,
    ...CHECKSUM_MEMBERS.map((name) => `MultipartUpload.Parts.${name}` as const),
  ],
  async run(input, s3, { endpoint }) {
    const { Bucket, Key, UploadId } = input;
    const Location = `${endpoint}/${Bucket}/${encodeURIComponent(Key).replaceAll("%2F", "/")}`;
    const outputOf = (version: ObjectVersion) => ({ Bucket, Key, Location, ...storedMembers(s3, version) });
    const versions = s3.bucket(Bucket).versions(Key);
    const done = versions.find(({ object }) => object?.uploadId === UploadId);
    // A client that did not receive the response repeats the request.
    if (done) return outputOf(done as ObjectVersion);
    const upload = s3.upload(Bucket, Key, UploadId);
    if (!input.MultipartUpload) throw invalidRequest("You must specify at least one part");
    const parts = selectParts(upload, input.MultipartUpload.Parts ?? []);
    const object = await objectOf(upload.stored, parts);
    assertExpected(input, object);
    // The upload may have changed while the checksum was computed.
    if (s3.upload(Bucket, Key, UploadId) !== upload || parts.some((part) => upload.parts.get(part.number) !== part)) {
      throw new AwsError("OperationAborted", "A conflicting conditional operation is currently in progress", 409);
    }
    return outputOf(s3.completeUpload(upload, object, input));
  },
};

/** Returns the parts that the client lists. @throws AwsError when it must not list them. */
function selectParts({ stored, parts }: Upload, listed: readonly CompletedPart[]): StoredPart[] {
  if (listed.length === 0 || listed.length > MAX_PARTS) throw malformedXml();
  const numbers = listed.map(({ PartNumber }) => PartNumber ?? 0);
  if (numbers.includes(0) || listed.some(({ ETag }) => ETag === undefined)) throw malformedXml();
  if (numbers.some((number, index) => number <= (numbers[index - 1] ?? 0))) {
    const message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    throw new AwsError("InvalidPartOrder", message, 400, { UploadId: stored.id });
  }
  return listed.map((part, index) => {
    const { PartNumber: number = 0, ETag: etag = "" } = part;
    const found = parts.get(number);
    const checksum = checksumIn(part);
    const isListed =
      found !== undefined &&
      includesTag(etag, found.etag) &&
      (checksum === undefined || checksum.value === found.checksums[checksum.algorithm]);
    if (!isListed) {
      const message =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      const details = { UploadId: stored.id, PartNumber: String(number), ETag: etag };
      throw new AwsError("InvalidPart", message, 400, details);
    }
    if (stored.checksumType === "COMPOSITE" && !checksum) {
      throw invalidRequest(
        `The upload was created using a ${stored.algorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    if (index < listed.length - 1 && found.segment.size < MIN_PART_BYTES) {
      throw new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400, {
        ProposedSize: String(found.segment.size),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(number),
        ETag: found.etag.replaceAll('"', ""),
      });
    }
    return found;
  });
}

async function objectOf(stored: StoredUpload, parts: readonly StoredPart[]): Promise<StoredObject> {
  const { algorithm = DEFAULT_ALGORITHM, checksumType: type = "FULL_OBJECT" } = stored;
  const sumsBy = (name: ChecksumAlgorithm) =>
    parts.map(({ segment, checksums }) => ({ size: segment.size, value: checksums[name] ?? "" }));
  const [md5 = "", count] = (await compositeChecksum("MD5", sumsBy("MD5"))).split("-");
  const sums = sumsBy(algorithm);
  const value = type === "COMPOSITE" ? await compositeChecksum(algorithm, sums) : combinedCrc(algorithm, sums);
  return {
    segments: parts.map(({ segment }, index) => ({ ...segment, checksum: sums[index]?.value ?? "" })),
    size: parts.reduce((sum, { segment }) => sum + segment.size, 0),
    etag: `"${Buffer.from(md5, "base64").toString("hex")}-${count}"`,
    checksum: { algorithm, value, type },
    attributes: stored.attributes,
    uploadId: stored.id,
  };
}

/** @throws AwsError when the object is not as the client expects. */
function assertExpected(input: CompleteMultipartUploadRequest, { size, checksum }: StoredObject): void {
  const { ChecksumType = checksum.type, MpuObjectSize = size } = input;
  if (ChecksumType !== checksum.type) {
    throw invalidRequest(
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  if (MpuObjectSize !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  const expected = checksumIn(input);
  const value = (sum: Pick<StoredChecksum, "value">) => sum.value.replace(/-\d+$/, "");
  if (expected && (expected.algorithm !== checksum.algorithm || value(expected) !== value(checksum))) {
    throw badDigest(expected.algorithm);
  }
}
