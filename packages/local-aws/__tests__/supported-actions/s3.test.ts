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
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { S3 } from "../../supported-actions";
import { testSupportedActions } from "../supported-actions";

const Bucket = "served";

let run: LocalRun;
let s3: S3Client;

beforeAll(async () => {
  run = await LocalRun.start();
  s3 = run.clients.s3;
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

const put = (Key: string, Body = Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

async function bodyOf(Key: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
}

async function upload(Key: string): Promise<string | undefined> {
  return (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { a: "b" } }))).UploadId;
}

const isGone = (Key: string) => expect(bodyOf(Key)).rejects.toMatchObject({ name: "NoSuchKey" });

testSupportedActions(S3, {
  AbortMultipartUpload: async () => {
    const UploadId = await upload("aborted");
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId }));
    const part = { Bucket, Key: "aborted", UploadId, PartNumber: 1, Body: "x" };
    await expect(s3.send(new UploadPartCommand(part))).rejects.toMatchObject({ name: "NoSuchUpload" });
  },
  CompleteMultipartUpload: async () => {
    const UploadId = await upload("parts");
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of ["a".repeat(5 * 1024 * 1024), "b"].entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "parts", UploadId, MultipartUpload: { Parts } }));
    const { ContentLength, Metadata } = await s3.send(new HeadObjectCommand({ Bucket, Key: "parts" }));
    expect([ContentLength, Metadata]).toEqual([5 * 1024 * 1024 + 1, { a: "b" }]);
  },
  CopyObject: async () => {
    await put("a copy's source é");
    const CopySource = `${Bucket}/${encodeURIComponent("a copy's source é")}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    expect(await bodyOf("copy")).toBe("a copy's source é");
  },
  CreateBucket: async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "another" }));
    await s3.send(new HeadBucketCommand({ Bucket: "another" }));
  },
  CreateMultipartUpload: async () => expect(await upload("begun")).toMatch(/\S/),
  DeleteBucket: async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "gone" }));
    await s3.send(new DeleteBucketCommand({ Bucket: "gone" }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: "gone" }))).rejects.toMatchObject({ name: "NotFound" });
  },
  DeleteObject: async () => {
    await put("deleted");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "deleted" }));
    await isGone("deleted");
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
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "kept <" }], Quiet: true } }),
    );
    expect(quiet.Deleted).toBeUndefined();
    await isGone("kept <");
  },
  GetBucketLocation: async () => {
    // S3 returns no location for us-east-1.
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint).toBeUndefined();
    const missing = s3.send(new GetBucketLocationCommand({ Bucket: "no-such-bucket" }));
    await expect(missing).rejects.toMatchObject({ name: "NoSuchBucket" });
  },
  GetObject: async () => {
    await put("got", "0123456789");
    const read = async (Range: string) => {
      const { Body, ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key: "got", Range }));
      return [await Body?.transformToString(), ContentRange];
    };
    expect(await bodyOf("got")).toBe("0123456789");
    expect(await read("bytes=2-4")).toEqual(["234", "bytes 2-4/10"]);
    expect(await read("bytes=-3")).toEqual(["789", "bytes 7-9/10"]);
    expect(await read("bytes=-99")).toEqual(["0123456789", "bytes 0-9/10"]);
    expect(await read("bytes=8-")).toEqual(["89", "bytes 8-9/10"]);
    expect(await read("bytes=1-2,4-5")).toEqual(["0123456789", undefined]);
    await expect(read("bytes=10-")).rejects.toMatchObject({ name: "InvalidRange" });
  },
  HeadBucket: async () => {
    await s3.send(new HeadBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket: "none" }))).rejects.toMatchObject({ name: "NotFound" });
  },
  HeadObject: async () => {
    await s3.send(
      new PutObjectCommand({ Bucket, Key: "head", Body: "x", ContentType: "text/plain", Metadata: { a: "b" } }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "head" }));
    expect(head).toMatchObject({ ContentLength: 1, ContentType: "text/plain", Metadata: { a: "b" } });
  },
  ListBuckets: async () => {
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(expect.arrayContaining([Bucket, "local-events-raw"]));
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
    const { Contents, KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "v2/" }));
    expect(Contents).toEqual([expect.objectContaining({ Key: "v2/a", Size: 4, StorageClass: "STANDARD" })]);
    expect(KeyCount).toBe(1);
  },
  PutObject: async () => {
    // fauxqs takes requests with these content types for SQS or SNS requests.
    for (const ContentType of ["application/x-www-form-urlencoded", "application/x-amz-json-1.0"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key: "put", Body: "a=b&c", ContentType }));
      const { Body, ContentType: kept } = await s3.send(new GetObjectCommand({ Bucket, Key: "put" }));
      expect([await Body?.transformToString(), kept]).toEqual(["a=b&c", ContentType]);
    }
    await s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: "" }));
    expect(await bodyOf("empty")).toBe("");
  },
  UploadPart: async () => {
    const part = { Bucket, Key: "part", UploadId: await upload("part"), PartNumber: 1, Body: "x" };
    expect((await s3.send(new UploadPartCommand(part))).ETag).toMatch(/^"[0-9a-f]{32}"$/);
  },
  UploadPartCopy: async () => {
    await put("whole", "0123456789");
    const UploadId = await upload("copied");
    const part = { Bucket, Key: "copied", UploadId, PartNumber: 1, CopySource: `${Bucket}/whole` };
    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(part));
    const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "copied", UploadId, MultipartUpload: { Parts } }));
    expect(await bodyOf("copied")).toBe("0123456789");
  },
});
