import type { CopyObjectOutput, CopyObjectRequest } from "@aws-sdk/client-s3";
import { checksumMembers, supportedAlgorithm } from "../checksums";
import { invalidArgument, invalidRequest } from "../errors";
import { ATTRIBUTE_MEMBERS, attributesFrom, DEFAULT_MEMBERS, ENCRYPTION } from "../object-attributes";
import { assertCopySize, COPY_SOURCE_MEMBERS, copySource } from "../read-object";
import type { S3Action } from "../s3-action";

export const CopyObject: S3Action<CopyObjectRequest, CopyObjectOutput> = {
  handles: [
    "Bucket",
    "Key",
    "ChecksumAlgorithm",
    "ExpectedBucketOwner",
    "IfMatch",
    "IfNoneMatch",
    "MetadataDirective",
    "TaggingDirective",
    ...COPY_SOURCE_MEMBERS,
    ...ATTRIBUTE_MEMBERS,
    ...DEFAULT_MEMBERS,
  ],
  async run(input, s3) {
    const { Bucket, Key, MetadataDirective = "COPY" } = input;
    if (MetadataDirective !== "COPY" && MetadataDirective !== "REPLACE") {
      throw invalidArgument("x-amz-metadata-directive", MetadataDirective, "Unknown metadata directive.");
    }
    const source = copySource(s3, input);
    const { object } = source;
    if (MetadataDirective === "COPY" && source === s3.bucket(Bucket).version(Key)) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    assertCopySize(object.size);
    const algorithm = supportedAlgorithm(input.ChecksumAlgorithm) ?? object.checksum.algorithm;
    const attributes = MetadataDirective === "COPY" ? object.attributes : attributesFrom(input);
    const version = await s3.copied(object, { start: 0, end: object.size }, algorithm, (body) =>
      s3.store(Bucket, Key, body, algorithm, attributes, input),
    );
    return {
      CopyObjectResult: {
        ...checksumMembers(version.object.checksum),
        ETag: version.object.etag,
        LastModified: new Date(version.lastModified),
      },
      ...ENCRYPTION,
      CopySourceVersionId: s3.versionId(source),
      VersionId: s3.versionId(version),
    };
  },
};
