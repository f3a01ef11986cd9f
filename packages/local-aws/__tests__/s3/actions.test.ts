import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { S3 } from "../../s3/service";
import { type RunningS3, startS3 } from "./start-s3";

const Bucket = "served";
const MIB = 1_024 ** 2;

let running: RunningS3;
let s3: RunningS3["s3"];
beforeAll(async () => {
  running = await startS3();
  s3 = running.s3;
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => running.stop());

const put = (Key: string, Body = Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

async function bodyOf(Key: string, VersionId?: string, from = Bucket): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: from, Key, VersionId }));
  return Body?.transformToString();
}

async function upload(Key: string): Promise<string | undefined> {
  return (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { a: "b" } }))).UploadId;
}

const isGone = (Key: string) => expect(bodyOf(Key)).rejects.toMatchObject({ name: "NoSuchKey", Key });

async function versionedBucket(name: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
  return name;
}

const TESTS: Readonly<Record<string, () => Promise<void>>> = {
  AbortMultipartUpload: async () => {
    const UploadId = await upload("aborted");
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId }));
    const part = { Bucket, Key: "aborted", UploadId, PartNumber: 1, Body: "x" };
    await expect(s3.send(new UploadPartCommand(part))).rejects.toMatchObject({ name: "NoSuchUpload" });
  },
  CompleteMultipartUpload: async () => {
    const UploadId = await upload("parts");
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of ["a".repeat(5 * MIB), "b"].entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const complete = { Bucket, Key: "parts", UploadId, MultipartUpload: { Parts } };
    const first = await s3.send(new CompleteMultipartUploadCommand(complete));
    const md5 = (content: string | Buffer) => createHash("md5").update(content).digest();
    const digests = Buffer.concat([md5("a".repeat(5 * MIB)), md5("b")]);
    expect(first.ETag).toBe(`"${md5(digests).toString("hex")}-2"`);
    const { ContentLength, Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: "parts" }));
    expect([ContentLength, Metadata]).toEqual([5 * MIB + 1, { a: "b" }]);
    // A client that did not receive the response repeats the request.
    expect((await s3.send(new CompleteMultipartUploadCommand(complete))).ETag).toBe(first.ETag);
  },
  CopyObject: async () => {
    await put("a copy's source é");
    const CopySource = `${Bucket}/${encodeURIComponent("a copy's source é")}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    expect(await bodyOf("copy")).toBe("a copy's source é");
    const renamed = { MetadataDirective: "REPLACE", Metadata: { a: "b" }, ContentType: "text/plain" } as const;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource, ...renamed }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
    expect(head).toMatchObject({ Metadata: { a: "b" }, ContentType: "text/plain" });
    const itself = s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/copy` }));
    await expect(itself).rejects.toMatchObject({ name: "InvalidRequest" });
  },
  CreateBucket: async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "another" }));
    await s3.send(new CreateBucketCommand({ Bucket: "another" })); // As in us-east-1.
    await s3.send(new HeadBucketCommand({ Bucket: "another" }));
  },
  CreateMultipartUpload: async () => expect(await upload("begun")).toMatch(/\S/),
  DeleteBucket: async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "gone" }));
    await s3.send(new PutObjectCommand({ Bucket: "gone", Key: "a", Body: "a" }));
    const notEmpty = s3.send(new DeleteBucketCommand({ Bucket: "gone" }));
    await expect(notEmpty).rejects.toMatchObject({ name: "BucketNotEmpty", $metadata: { httpStatusCode: 409 } });
    await s3.send(new DeleteObjectCommand({ Bucket: "gone", Key: "a" }));
    await s3.send(new DeleteBucketCommand({ Bucket: "gone" }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: "gone" }))).rejects.toMatchObject({ name: "NotFound" });
  },
  DeleteObject: async () => {
    await put("deleted");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "deleted" }));
    await isGone("deleted");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "deleted" }));
  },
  DeleteObjects: async () => {
    // Some of these keys contain the text of an XML entity.
    const keys = ["a<b", "a&lt;b", "a&amp;lt;b", "plain", "é\r\n", "kept <"];
    for (const key of keys) await put(key);
    const Objects = ["a&lt;b", "plain", "é\r\n"].map((Key) => ({ Key }));
    const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual(Objects);
    for (const { Key } of Objects) await isGone(Key);
    for (const key of ["a<b", "a&amp;lt;b", "kept <"]) expect(await bodyOf(key)).toBe(key);
    const quiet = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [{ Key: "kept <" }, { Key: "a<b", ETag: '"x"' }, { Key: "x", VersionId: "?" }],
          Quiet: true,
        },
      }),
    );
    expect(quiet.Deleted).toBeUndefined();
    expect(quiet.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([
      ["a<b", "PreconditionFailed"],
      ["x", "InvalidArgument"],
    ]);
    await isGone("kept <");
    expect(await bodyOf("a<b")).toBe("a<b");
  },
  GetBucketLocation: async () => {
    // S3 returns no location for us-east-1.
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBeUndefined();
    const missing = s3.send(new GetBucketLocationCommand({ Bucket: "no-such-bucket" }));
    await expect(missing).rejects.toMatchObject({ name: "NoSuchBucket", BucketName: "no-such-bucket" });
  },
  GetBucketVersioning: async () => {
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    const versioned = await versionedBucket("versioning");
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket: versioned }))).Status).toBe("Enabled");
  },
  GetObject: async () => {
    await put("got", "0123456789");
    const read = async (Range: string) => {
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: "got", Range }));
      return [await got.Body?.transformToString(), got.ContentRange, got.$metadata.httpStatusCode];
    };
    expect(await bodyOf("got")).toBe("0123456789");
    expect(await read("bytes=2-4")).toEqual(["234", "bytes 2-4/10", 206]);
    expect(await read("bytes=-3")).toEqual(["789", "bytes 7-9/10", 206]);
    expect(await read("bytes=-99")).toEqual(["0123456789", "bytes 0-9/10", 206]);
    expect(await read("bytes=8-")).toEqual(["89", "bytes 8-9/10", 206]);
    expect(await read("bytes=1-2,4-5")).toEqual(["0123456789", undefined, 200]);
    await expect(read("bytes=10-")).rejects.toMatchObject({ name: "InvalidRange", ActualObjectSize: "10" });
    const overridden = await s3.send(
      new GetObjectCommand({ Bucket, Key: "got", ResponseContentType: "a/b", ResponseCacheControl: "no-store" }),
    );
    expect(overridden).toMatchObject({ ContentType: "a/b", CacheControl: "no-store" });
    await overridden.Body?.transformToString();
  },
  HeadBucket: async () => {
    expect(await s3.send(new HeadBucketCommand({ Bucket }))).toMatchObject({ BucketRegion: "us-east-1" });
    await expect(s3.send(new HeadBucketCommand({ Bucket: "none" }))).rejects.toMatchObject({ name: "NotFound" });
  },
  HeadObject: async () => {
    const attributes = {
      CacheControl: "no-cache",
      ContentDisposition: "inline",
      ContentEncoding: "identity",
      ContentLanguage: "de",
      ContentType: "text/plain",
      Expires: new Date("2030-01-01T00:00:00Z"),
      Metadata: { a: "b" },
    };
    await s3.send(new PutObjectCommand({ Bucket, Key: "head", Body: "x", ...attributes }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "head" }));
    const { Expires, ...texts } = attributes;
    expect(head).toMatchObject({ ...texts, ContentLength: 1, ServerSideEncryption: "AES256", AcceptRanges: "bytes" });
    expect(head.ExpiresString).toBe(Expires.toUTCString());
    const tail = await s3.send(new HeadObjectCommand({ Bucket, Key: "head", Range: "bytes=-1" }));
    expect(tail).toMatchObject({ ContentLength: 1, ContentRange: "bytes 0-0/1", $metadata: { httpStatusCode: 206 } });
  },
  ListBuckets: async () => {
    for (const name of ["page-a", "page-b", "page-c"]) await s3.send(new CreateBucketCommand({ Bucket: name }));
    const names: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const list = new ListBucketsCommand({ MaxBuckets: 2, Prefix: "page-", ContinuationToken });
      const page = await s3.send(list);
      names.push(...(page.Buckets ?? []).map(({ Name }) => Name));
      ContinuationToken = page.ContinuationToken;
    } while (ContinuationToken);
    expect(names).toEqual(["page-a", "page-b", "page-c"]);
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(expect.arrayContaining([Bucket, ...names]));
  },
  ListMultipartUploads: async () => {
    const ids = [await upload("list/a"), await upload("list/a"), await upload("list/b"), await upload("list/c/d")];
    const found: (string | undefined)[] = [];
    const prefixes: (string | undefined)[] = [];
    let markers: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (let more = true; more; ) {
      const page = await s3.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: "list/", Delimiter: "/", MaxUploads: 1, ...markers }),
      );
      found.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } as typeof markers;
      more = page.IsTruncated === true;
    }
    expect([found.sort(), prefixes]).toEqual([ids.slice(0, 3).sort(), ["list/c/"]]);
  },
  ListObjects: async () => {
    await put("v1/a/1");
    await put("v1/b");
    const page = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "v1/", Delimiter: "/", MaxKeys: 1 }));
    expect(page).toMatchObject({ CommonPrefixes: [{ Prefix: "v1/a/" }], IsTruncated: true, NextMarker: "v1/a/" });
    const next = await s3.send(
      new ListObjectsCommand({ Bucket, Prefix: "v1/", Delimiter: "/", Marker: page.NextMarker }),
    );
    expect([next.Contents?.map(({ Key }) => Key), next.CommonPrefixes, next.IsTruncated]).toEqual([
      ["v1/b"],
      undefined,
      false,
    ]);
  },
  ListObjectsV2: async () => {
    await put("v2/a");
    const { Contents, KeyCount } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: "v2/", StartAfter: "v2/", FetchOwner: true }),
    );
    const Owner = { ID: expect.stringMatching(/^\d{64}$/) };
    expect(Contents).toEqual([
      expect.objectContaining({ Key: "v2/a", Size: 4, StorageClass: "STANDARD", ChecksumAlgorithm: ["CRC32"], Owner }),
    ]);
    expect(KeyCount).toBe(1);
  },
  ListObjectVersions: async () => {
    const versioned = await versionedBucket("versions");
    const ids: string[] = [];
    for (const Body of ["1", "2"]) {
      const { VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body }));
      ids.unshift(VersionId);
    }
    const { DeleteMarker, VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "k" }));
    expect(DeleteMarker).toBe(true);
    const list = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned }));
    expect(list.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual(
      ids.map((id) => [id, false]),
    );
    expect(list.DeleteMarkers).toEqual([expect.objectContaining({ VersionId: marker, IsLatest: true })]);
    await expect(bodyOf("k", undefined, versioned)).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(bodyOf("k", marker, versioned)).rejects.toMatchObject({ name: "MethodNotAllowed" });
    expect(await bodyOf("k", ids[1], versioned)).toBe("1");
    await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "k", VersionId: marker }));
    expect(await bodyOf("k", undefined, versioned)).toBe("2");
  },
  ListParts: async () => {
    const UploadId = await upload("listed");
    for (const PartNumber of [3, 1]) {
      await s3.send(new UploadPartCommand({ Bucket, Key: "listed", UploadId, PartNumber, Body: `${PartNumber}` }));
    }
    const first = await s3.send(new ListPartsCommand({ Bucket, Key: "listed", UploadId, MaxParts: 1 }));
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "1", Parts: [{ PartNumber: 1, Size: 1 }] });
    const { NextPartNumberMarker: PartNumberMarker } = first;
    const next = await s3.send(new ListPartsCommand({ Bucket, Key: "listed", UploadId, PartNumberMarker }));
    expect(next).toMatchObject({ IsTruncated: false, Parts: [{ PartNumber: 3 }] });
  },
  PutBucketVersioning: async () => {
    const versioned = await versionedBucket("suspended");
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body: "1" }));
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
    for (const Body of ["2", "3"]) {
      const written = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "k", Body }));
      expect(written.VersionId).toBe("null");
    }
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned }));
    expect(Versions?.map((version) => version.VersionId)).toEqual(["null", VersionId]);
  },
  PutObject: async () => {
    for (const ContentType of ["application/x-www-form-urlencoded", "application/x-amz-json-1.0"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: "put", Body: "a=b&c", ContentType }));
      const { Body, ContentType: kept } = await s3.send(new GetObjectCommand({ Bucket, Key: "put" }));
      expect([await Body?.transformToString(), kept]).toEqual(["a=b&c", ContentType]);
    }
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "", ContentLength: 0 }));
    expect([ETag, await bodyOf("empty")]).toEqual(['"d41d8cd98f00b204e9800998ecf8427e"', ""]);
  },
  UploadPart: async () => {
    const part = { Bucket, Key: "part", UploadId: await upload("part"), PartNumber: 1, Body: "x" };
    expect((await s3.send(new UploadPartCommand(part))).ETag).toMatch(/^"[0-9a-f]{32}"$/);
    const wrong = s3.send(new UploadPartCommand({ ...part, PartNumber: 10_001 }));
    await expect(wrong).rejects.toMatchObject({ name: "InvalidArgument", ArgumentName: "partNumber" });
  },
  UploadPartCopy: async () => {
    await put("whole", "0123456789");
    const UploadId = await upload("copied");
    const part = { Bucket, Key: "copied", UploadId, PartNumber: 1, CopySource: `${Bucket}/whole` };
    const copied = await s3.send(new UploadPartCopyCommand({ ...part, CopySourceRange: "bytes=2-5" }));
    const Parts = [{ PartNumber: 1, ETag: copied.CopyPartResult?.ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "copied", UploadId, MultipartUpload: { Parts } }));
    expect(await bodyOf("copied")).toBe("2345");
  },
};

test("every action has a test", () => {
  expect(Object.keys(TESTS).sort()).toEqual(Object.keys(S3.actions).sort());
});

test.each(Object.entries(TESTS))("%s", (_action, run) => run());
