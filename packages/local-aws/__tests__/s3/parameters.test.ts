// Tests parameters that an emulator could silently ignore. Each is handled, or refused.
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { type RunningS3, startS3 } from "./start-s3";

const Bucket = "traps";
const Key = "kept";

let running: RunningS3;
let s3: RunningS3["s3"];
let etag: string;
beforeAll(async () => {
  running = await startS3();
  s3 = running.s3;
  await s3.send(new CreateBucketCommand({ Bucket }));
  etag = String((await s3.send(new PutObjectCommand({ Bucket, Key, Body: "kept" }))).ETag);
});
afterAll(() => running.stop());

const keptBody = async () => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

const over = { Bucket, Key, Body: "over" };
const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/${Key}` };
const past = new Date("2020-01-01");
const later = new Date(Date.now() + 86_400_000);

test.each([
  ["If-None-Match: * for an existing object", () => new PutObjectCommand({ ...over, IfNoneMatch: "*" }), 412],
  ["If-None-Match with the entity tag", () => new PutObjectCommand({ ...over, IfNoneMatch: etag }), 501],
  ["If-Match with another object's entity tag", () => new PutObjectCommand({ ...over, IfMatch: '"x"' }), 412],
  ["If-Match for a missing object", () => new PutObjectCommand({ ...over, Key: "absent", IfMatch: '"x"' }), 404],
  ["a long key", () => new PutObjectCommand({ ...over, Key: "é".repeat(513) }), 400],
  ["large metadata", () => new PutObjectCommand({ ...over, Metadata: { a: "b".repeat(2_048) } }), 400],
  ["an ACL", () => new PutObjectCommand({ ...over, ACL: "public-read" }), 501],
  ["a grant", () => new PutObjectCommand({ ...over, GrantRead: "id=1" }), 501],
  ["a wrong Content-MD5", () => new PutObjectCommand({ ...over, ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" }), 400],
  ["an invalid Content-MD5", () => new PutObjectCommand({ ...over, ContentMD5: "x" }), 400],
  ["a wrong CRC32", () => new PutObjectCommand({ ...over, ChecksumCRC32: "AAAAAA==" }), 400],
  ["an invalid SHA-256", () => new PutObjectCommand({ ...over, ChecksumSHA256: "x" }), 400],
  ["an invalid metadata directive", () => new CopyObjectCommand({ ...copy, MetadataDirective: "x" as "COPY" }), 400],
  ["tags", () => new PutObjectCommand({ ...over, Tagging: "a=b" }), 501],
  ["KMS encryption", () => new PutObjectCommand({ ...over, ServerSideEncryption: "aws:kms" }), 501],
  ["a storage class", () => new PutObjectCommand({ ...over, StorageClass: "GLACIER" }), 501],
  ["a legal hold", () => new PutObjectCommand({ ...over, ObjectLockLegalHoldStatus: "ON" }), 501],
  ["a redirect", () => new PutObjectCommand({ ...over, WebsiteRedirectLocation: "/x" }), 501],
  ["another account's bucket", () => new PutObjectCommand({ ...over, ExpectedBucketOwner: "111111111111" }), 403],
  ["a write offset", () => new PutObjectCommand({ ...over, WriteOffsetBytes: 2 }), 501],
  ["a copy with a false condition", () => new CopyObjectCommand({ ...copy, CopySourceIfMatch: '"x"' }), 412],
  ["a copy of what the client has", () => new CopyObjectCommand({ ...copy, CopySourceIfNoneMatch: etag }), 412],
  ["a copy of a missing version", () => new CopyObjectCommand({ ...copy, CopySource: `${Bucket}/x?versionId=x` }), 400],
  ["a copy without a key", () => new CopyObjectCommand({ ...copy, CopySource: Bucket }), 400],
  ["tags for a multipart upload", () => new CreateMultipartUploadCommand({ Bucket, Key, Tagging: "a=b" }), 501],
  [
    "a checksum type without an algorithm",
    () => new CreateMultipartUploadCommand({ Bucket, Key, ChecksumType: "COMPOSITE" }),
    400,
  ],
  [
    "a composite CRC64NVME",
    () => new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: "CRC64NVME", ChecksumType: "COMPOSITE" }),
    400,
  ],
  ["a part of no upload", () => new UploadPartCommand({ ...over, UploadId: "x", PartNumber: 1 }), 404],
  [
    "an open range in a copy",
    () => new UploadPartCopyCommand({ ...copy, UploadId: "x", PartNumber: 1, CopySourceRange: "bytes=1-" }),
    404,
  ],
  ["the deletion of an invalid version", () => new DeleteObjectCommand({ Bucket, Key, VersionId: "x" }), 400],
  ["a false condition of a deletion", () => new DeleteObjectCommand({ Bucket, Key, IfMatch: '"x"' }), 412],
  ["a size as the condition of a deletion", () => new DeleteObjectCommand({ Bucket, Key, IfMatchSize: 1 }), 501],
  ["an invalid version", () => new GetObjectCommand({ Bucket, Key, VersionId: "x" }), 400],
  ["a missing version", () => new GetObjectCommand({ Bucket, Key, VersionId: "x".repeat(32) }), 404],
  ["a header with a line break", () => new GetObjectCommand({ Bucket, Key, ResponseContentType: "x\r\ny: z" }), 400],
  ["a header beyond Latin-1", () => new GetObjectCommand({ Bucket, Key, ResponseContentLanguage: "日本" }), 400],
  ["a customer-provided key", () => new GetObjectCommand({ Bucket, Key, SSECustomerAlgorithm: "AES256" }), 501],
  ["a read with a false If-Match", () => new GetObjectCommand({ Bucket, Key, IfMatch: '"x"' }), 412],
  ["a read with a false If-None-Match", () => new GetObjectCommand({ Bucket, Key, IfNoneMatch: etag }), 304],
  [
    "a read with a false If-Unmodified-Since",
    () => new GetObjectCommand({ Bucket, Key, IfUnmodifiedSince: past }),
    412,
  ],
  ["a read with a false If-Modified-Since", () => new GetObjectCommand({ Bucket, Key, IfModifiedSince: later }), 304],
  ["HeadObject with a false If-None-Match", () => new HeadObjectCommand({ Bucket, Key, IfNoneMatch: etag }), 304],
  ["a missing part", () => new GetObjectCommand({ Bucket, Key, PartNumber: 2 }), 416],
  ["part 0", () => new GetObjectCommand({ Bucket, Key, PartNumber: 0 }), 400],
  ["a part after the last possible one", () => new HeadObjectCommand({ Bucket, Key, PartNumber: 10_001 }), 400],
  ["a part and a range", () => new GetObjectCommand({ Bucket, Key, PartNumber: 1, Range: "bytes=0-1" }), 400],
  ["an invalid continuation token", () => new ListObjectsV2Command({ Bucket, ContinuationToken: "%" }), 400],
  ["a negative page size", () => new ListObjectsV2Command({ Bucket, MaxKeys: -1 }), 400],
  ["an unknown encoding", () => new ListObjectsV2Command({ Bucket, EncodingType: "x" as "url" }), 400],
  ["optional attributes", () => new ListObjectsV2Command({ Bucket, OptionalObjectAttributes: ["RestoreStatus"] }), 501],
  ["a version marker without a key", () => new ListObjectVersionsCommand({ Bucket, VersionIdMarker: "x" }), 400],
  ["uploads of a missing bucket", () => new ListMultipartUploadsCommand({ Bucket: "missing" }), 404],
  [
    "deletion by MFA",
    () =>
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled", MFADelete: "Enabled" } }),
    501,
  ],
  [
    "an unknown versioning status",
    () => new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "x" as "Enabled" } }),
    400,
  ],
  ["object lock", () => new CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true }), 501],
  [
    "another region",
    () =>
      new CreateBucketCommand({ Bucket: "there", CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
    400,
  ],
  [
    "a directory bucket",
    () =>
      new CreateBucketCommand({
        Bucket: "directory",
        CreateBucketConfiguration: { Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" } },
      }),
    501,
  ],
] as const)("does not ignore %s", async (_what, command, status) => {
  const response = await s3.send(command() as PutObjectCommand).catch((error: unknown) => error);
  expect((response as { $metadata: object }).$metadata).toMatchObject({ httpStatusCode: status });
  expect(await keptBody()).toBe("kept");
});

test("accepts requests whose conditions are true", async () => {
  const first = await s3.send(new PutObjectCommand({ ...over, Key: "free", IfNoneMatch: "*" }));
  await s3.send(new PutObjectCommand({ ...over, Key: "free", Body: "again", IfMatch: String(first.ETag) }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "free", IfNoneMatch: etag }));
  expect(await Body?.transformToString()).toBe("again");
  const quoteless = etag.replaceAll('"', "");
  await s3.send(new HeadObjectCommand({ Bucket, Key, IfMatch: quoteless, IfUnmodifiedSince: past }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "free", IfMatch: "*" }));
});

test("lets only one of many concurrent writes with If-None-Match succeed", async () => {
  const bodies = Array.from({ length: 20 }, (_, index) => `writer ${index}`);
  const written = await Promise.allSettled(
    bodies.map((Body) => s3.send(new PutObjectCommand({ Bucket, Key: "lock", Body, IfNoneMatch: "*" }))),
  );
  const winners = bodies.filter((_, index) => written[index]?.status === "fulfilled");
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "lock" }));
  expect(winners).toEqual([await Body?.transformToString()]);
});

test.each(["ab", "A-b", "a_b", "a..b", "-ab", "ab-", "1.2.3.4", "xn--ab", "sthree-a", "ab-s3alias", "a".repeat(64)])(
  "rejects the bucket name %s",
  async (name) => {
    const { status, body } = await running.raw({ method: "PUT", path: `/${name}` });
    expect([status, String(body)]).toEqual([400, expect.stringContaining("<Code>InvalidBucketName</Code>")]);
  },
);
