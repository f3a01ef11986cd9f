import type { CopyObjectOutput, CopyObjectRequest } from "@aws-sdk/client-s3";
import { checksumMember, isAlgorithm } from "../checksums";
import { invalidArgument, invalidRequest } from "../errors";
import { ATTRIBUTE_MEMBERS, attributesFrom, DEFAULT_MEMBERS, ENCRYPTION } from "../object-attributes";
import { assertCopySize, copySource, versionIdMember } from "../read-object";
import type { S3Action } from "../s3-action";

export const CopyObject: S3Action<CopyObjectRequest, CopyObjectOutput> = {
  handles: [
    "Bucket",
    "Key",
    "ChecksumAlgorithm",
    "CopySource",
    "CopySourceIfMatch",
    "CopySourceIfModifiedSince",
    "CopySourceIfNoneMatch",
    "CopySourceIfUnmodifiedSince",
    "ExpectedBucketOwner",
    "ExpectedSourceBucketOwner",
    "IfMatch",
    "IfNoneMatch",
    "MetadataDirective",
    "TaggingDirective",
    ...ATTRIBUTE_MEMBERS,
    ...DEFAULT_MEMBERS,
  ],
  async run(input, s3) {
    const { Bucket, Key, ChecksumAlgorithm, MetadataDirective = "COPY", IfMatch, IfNoneMatch } = input;
    if (MetadataDirective !== "COPY" && MetadataDirective !== "REPLACE") {
      throw invalidArgument("x-amz-metadata-directive", MetadataDirective, "Unknown metadata directive.");
    }
    const source = copySource(s3, input);
    const { object } = source;
    if (MetadataDirective === "COPY" && source === s3.bucket(Bucket).current(Key)) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    assertCopySize(object.size);
    const algorithm = ChecksumAlgorithm ?? object.checksum.algorithm;
    if (!isAlgorithm(algorithm)) throw invalidRequest("Checksum algorithm provided is unsupported.");
    const attributes = MetadataDirective === "COPY" ? object.attributes : attributesFrom(input);
    const version = await s3.copied(object, { start: 0, end: object.size }, algorithm, (body) =>
      s3.store(Bucket, Key, body, algorithm, attributes, { IfMatch, IfNoneMatch }),
    );
    const { VersionId: CopySourceVersionId } = versionIdMember(s3, source);
    return {
      CopyObjectResult: {
        ...checksumMember(version.object.checksum),
        ChecksumType: version.object.checksum.type,
        ETag: version.object.etag,
        LastModified: new Date(version.lastModified),
      },
      ...ENCRYPTION,
      ...(CopySourceVersionId && { CopySourceVersionId }),
      ...versionIdMember(s3, version),
    };
  },
};
