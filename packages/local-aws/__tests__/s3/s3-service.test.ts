// Tests S3 parameters that an emulator could silently ignore. The local run supports or rejects each.
import { request } from "node:http";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { LocalRun } from "@event-pipeline/testing/local-run";
import fc from "fast-check";

const Bucket = "traps";
const Key = "kept";

let run: LocalRun;
let s3: S3Client;
let etag: string;

beforeAll(async () => {
  run = await LocalRun.start();
  s3 = run.clients.s3;
  await s3.send(new CreateBucketCommand({ Bucket }));
  etag = String((await s3.send(new PutObjectCommand({ Bucket, Key, Body: "kept" }))).ETag);
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const keptBody = async () => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

const over = { Bucket, Key, Body: "over" };
const past = new Date("2020-01-01");
const later = new Date(Date.now() + 86_400_000);

test.each([
  ["If-None-Match: * for an existing object", () => new PutObjectCommand({ ...over, IfNoneMatch: "*" }), 412],
  ["If-None-Match with an entity tag", () => new PutObjectCommand({ ...over, IfNoneMatch: '"x"' }), 501],
  ["If-Match with another object's entity tag", () => new PutObjectCommand({ ...over, IfMatch: '"x"' }), 412],
  ["If-Match for a missing object", () => new PutObjectCommand({ ...over, Key: "absent", IfMatch: '"x"' }), 404],
  ["an ACL", () => new PutObjectCommand({ ...over, ACL: "public-read" }), 501],
  ["a wrong Content-MD5", () => new PutObjectCommand({ ...over, ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" }), 400],
  ["a wrong CRC32", () => new PutObjectCommand({ ...over, ChecksumCRC32: "AAAAAA==" }), 400],
  ["a wrong SHA-256", () => new PutObjectCommand({ ...over, ChecksumSHA256: "x" }), 400],
  ["an Expires header", () => new PutObjectCommand({ ...over, Expires: later }), 501],
  [
    "an invalid metadata directive",
    () => new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}`, MetadataDirective: "x" as "COPY" }),
    501,
  ],
  ["tags", () => new PutObjectCommand({ ...over, Tagging: "a=b" }), 501],
  ["KMS encryption", () => new PutObjectCommand({ ...over, ServerSideEncryption: "aws:kms" }), 501],
  ["a storage class", () => new PutObjectCommand({ ...over, StorageClass: "GLACIER" }), 501],
  ["a legal hold", () => new PutObjectCommand({ ...over, ObjectLockLegalHoldStatus: "ON" }), 501],
  ["a redirect", () => new PutObjectCommand({ ...over, WebsiteRedirectLocation: "/x" }), 501],
  ["another account's bucket", () => new PutObjectCommand({ ...over, ExpectedBucketOwner: "111111111111" }), 501],
  ["a write offset", () => new PutObjectCommand({ ...over, WriteOffsetBytes: 2 }), 501],
  [
    "a conditional copy",
    () => new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}`, CopySourceIfMatch: '"x"' }),
    501,
  ],
  ["tags for a multipart upload", () => new CreateMultipartUploadCommand({ Bucket, Key, Tagging: "a=b" }), 501],
  ["the deletion of a version", () => new DeleteObjectCommand({ Bucket, Key, VersionId: "x" }), 501],
  ["a conditional deletion", () => new DeleteObjectCommand({ Bucket, Key, IfMatch: '"x"' }), 501],
  [
    "the deletion of several versions",
    () => new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key, VersionId: "x" }] } }),
    501,
  ],
  [
    "conditional deletions",
    () => new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key, ETag: '"x"' }] } }),
    501,
  ],
  ["a version", () => new GetObjectCommand({ Bucket, Key, VersionId: "x" }), 501],
  [
    "another content type in the response",
    () => new GetObjectCommand({ Bucket, Key, ResponseContentType: "x/y" }),
    501,
  ],
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
  ["HeadObject with a range", () => new HeadObjectCommand({ Bucket, Key, Range: "bytes=0-1" }), 501],
  ["a missing part", () => new GetObjectCommand({ Bucket, Key, PartNumber: 2 }), 416],
  ["a list with owners", () => new ListObjectsV2Command({ Bucket, FetchOwner: true }), 501],
  ["an invalid continuation token", () => new ListObjectsV2Command({ Bucket, ContinuationToken: "%" }), 400],
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
  await s3.send(new GetObjectCommand({ Bucket, Key, IfMatch: quoteless, IfUnmodifiedSince: past }));
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

test.each([
  ["traps.localhost", "/in/host"],
  ["traps.s3.localhost", "/in/host"],
  ["traps.s3.us-east-1.localhost", "/in/host"],
  ["s3.localhost", "/traps/in/host"],
])("finds the bucket in the host name %s", async (host, path) => {
  const { port, hostname } = new URL(run.ready.endpoint);
  for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
    // Does not use the SDK, because not every system resolves such host names.
    const headers = { host: `${host}:${port}`, "content-type": type };
    const status = await new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path, method: "PUT", headers }, (response) =>
        resolve(response.statusCode),
      );
      sent.once("error", reject).end(`${host} ${type}`);
    });
    expect(status).toBe(200);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "in/host" }));
    expect(await Body?.transformToString()).toBe(`${host} ${type}`);
  }
});

test.each([
  "AWSAccessKeyId=local&Signature=x&Expires=9999999999",
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=local%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=x&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=x&x-id=GetObject",
])("accepts a presigned URL with %s", async (signature) => {
  const response = await fetch(`${run.ready.endpoint}/${Bucket}/${Key}?${signature}`);
  expect(await response.text()).toBe("kept");
});

test("rejects an object that is too large, and suggests a multipart upload", async () => {
  const Body = Buffer.alloc(12 * 1024 * 1024);
  const written = s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await expect(written).rejects.toMatchObject({
    name: "EntityTooLarge",
    message: expect.stringContaining("multipart upload"),
  });
  expect(await keptBody()).toBe("kept");
});

test("accepts uploads with any content type", async () => {
  for (const type of ["application/x-www-form-urlencoded", "application/x-amz-json-1.1"]) {
    const response = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "upload", ContentType: type }));
    expect(response.UploadId).toMatch(/\S/);
  }
});

test("hides fauxqs's own paths for inspecting queues", async () => {
  for (const path of ["/_fauxqs/queues", "/_fauxqs/queues/local-events-queue", "/health"]) {
    expect((await fetch(run.ready.endpoint + path)).status).toBe(404);
  }
});

test("lists every key once, in byte order, with any page size", async () => {
  const key = fc.stringMatching(/^[aB_\-/é\uffee𐀀%+ ]{1,6}$/u);
  let lists = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom("", "/", "aB"),
      fc.constantFrom(undefined, "url" as const),
      async (keys, MaxKeys, Delimiter, EncodingType) => {
        const Prefix = `list-${++lists}/`;
        for (const name of keys) await s3.send(new PutObjectCommand({ Bucket, Key: Prefix + name, Body: "x" }));
        const found: string[] = [];
        const prefixes: string[] = [];
        const decoded = (text = "") => (EncodingType ? decodeURIComponent(text) : text);
        let ContinuationToken: string | undefined;
        do {
          const page = (await s3.send(
            new ListObjectsV2Command({ Bucket, Prefix, MaxKeys, Delimiter, EncodingType, ContinuationToken }),
          )) as Page;
          expect((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0)).toBeLessThanOrEqual(MaxKeys);
          found.push(...(page.Contents ?? []).map((object) => decoded(object.Key)));
          prefixes.push(...(page.CommonPrefixes ?? []).map((common) => decoded(common.Prefix)));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken);
        const inBytes = (texts: Iterable<string>) =>
          [...texts].sort((a, b) => Buffer.from(a).compare(Buffer.from(b))).map((text) => Prefix + text);
        const rolledUp = (name: string) => Delimiter !== "" && name.includes(Delimiter);
        expect(found).toEqual(inBytes(keys.filter((name) => !rolledUp(name))));
        const upTo = (name: string) => name.slice(0, name.indexOf(Delimiter) + Delimiter.length);
        expect(prefixes).toEqual(inBytes(new Set(keys.filter(rolledUp).map(upTo))));
      },
    ),
    { numRuns: 60 },
  );
});

interface Page {
  Contents?: { Key?: string }[];
  CommonPrefixes?: { Prefix?: string }[];
  NextContinuationToken?: string;
}
