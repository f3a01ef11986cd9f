import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { Sha512 } from "@aws-sdk/checksums/sha";
import { Xxh3_64, Xxh3_128, Xxh64 } from "@aws-sdk/checksums/xxh";
import {
  ChecksumAlgorithm,
  type ChecksumType,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { type ChecksumMembers, checksumTypes, combinedCrc, compositeChecksum, newChecksum } from "../../s3/checksums";
import { type RunningS3, startS3 } from "./start-s3";

const Bucket = "checksums";
const ALGORITHMS = Object.values(ChecksumAlgorithm);
const PART = Buffer.alloc(5 * 1_024 ** 2, "part");

let running: RunningS3;
let s3: S3Client;
beforeAll(async () => {
  running = await startS3();
  // The client knows only some of the algorithms itself.
  const checksumAlgorithms = { SHA512: Sha512, XXHASH64: Xxh64, XXHASH3: Xxh3_64, XXHASH128: Xxh3_128 };
  s3 = running.client({ checksumAlgorithms } as S3ClientConfig);
  running.state.createBucket(Bucket);
});
afterAll(() => running.stop());

async function sum(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Promise<string> {
  const checksum = newChecksum(algorithm);
  checksum.update(bytes);
  return Buffer.from(await checksum.digest()).toString("base64");
}

/** Checksums of "123456789" in the catalogs of these algorithms. */
test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", createHash("sha1").update("123456789").digest("hex")],
  ["SHA256", createHash("sha256").update("123456789").digest("hex")],
] as const)("computes %s", async (algorithm, expected) => {
  const value = await sum(algorithm, Buffer.from("123456789"));
  expect(Buffer.from(value, "base64").toString("hex")).toBe(expected);
});

test("combines the CRCs of parts to that of the whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("CRC32", "CRC32C", "CRC64NVME" as const),
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
      async (algorithm, parts) => {
        const sums = await Promise.all(
          parts.map(async (part) => ({ size: part.length, value: await sum(algorithm, part) })),
        );
        expect(combinedCrc(algorithm, sums)).toBe(await sum(algorithm, Buffer.concat(parts)));
      },
    ),
  );
});

describe.each(ALGORITHMS)("%s", (algorithm) => {
  const member = `Checksum${algorithm}` as keyof ChecksumMembers;
  const Key = algorithm;
  // For MD5, the SDK would send Content-MD5.
  const checksum = (value: string) => (algorithm === "MD5" ? { ChecksumMD5: value } : { ChecksumAlgorithm: algorithm });
  const head = () => s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));

  test("is verified and returned, in a header and in a trailer", async () => {
    const body = Buffer.from(`body of ${algorithm}`);
    const expected = await sum(algorithm, body);
    const stream = () => Readable.from([body.subarray(0, 4), body.subarray(4)]);
    for (const Body of [body, stream()]) {
      const ContentLength = body.length;
      const put = { Bucket, Key, Body, ContentLength, ...checksum(expected) };
      expect((await s3.send(new PutObjectCommand(put)))[member]).toBe(expected);
      expect(await head()).toMatchObject({ [member]: expected, ChecksumType: "FULL_OBJECT" });
    }
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    expect(await Body?.transformToString()).toBe(body.toString());
    const wrong = { Bucket, Key, Body: "other", [member]: expected };
    await expect(s3.send(new PutObjectCommand(wrong))).rejects.toMatchObject({ name: "BadDigest" });
    await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${Key}`, MetadataDirective: "REPLACE" }));
    expect(await head()).toMatchObject({ [member]: expected, ChecksumType: "FULL_OBJECT" });
  });

  test.each(checksumTypes(algorithm))("of a multipart upload is %s", async (type: ChecksumType) => {
    const create = { Bucket, Key, ChecksumAlgorithm: algorithm, ChecksumType: type };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(create));
    const Parts: CompletedPart[] = [];
    for (const [index, Body] of [PART, Buffer.from("end")].entries()) {
      const part = { Bucket, Key, UploadId, PartNumber: index + 1, Body, ...checksum(await sum(algorithm, Body)) };
      const { ETag, [member]: value } = await s3.send(new UploadPartCommand(part));
      expect(value).toBe(await sum(algorithm, Body));
      Parts.push({ PartNumber: index + 1, ETag, [member]: value });
    }
    const whole = Buffer.concat([PART, Buffer.from("end")]);
    const values = Parts.map((part) => ({ size: 0, value: String(part[member]) }));
    const expected = type === "COMPOSITE" ? await compositeChecksum(algorithm, values) : await sum(algorithm, whole);
    const complete = { Bucket, Key, UploadId, ChecksumType: type, MultipartUpload: { Parts } };
    const wrong = { ...complete, [member]: await sum(algorithm, Buffer.from("x")) };
    await expect(s3.send(new CompleteMultipartUploadCommand(wrong))).rejects.toMatchObject({ name: "BadDigest" });
    const swapped = { Parts: Parts.map((part) => ({ ...part, [member]: Parts[0]?.[member] })) };
    const mixed = s3.send(new CompleteMultipartUploadCommand({ ...complete, MultipartUpload: swapped }));
    await expect(mixed).rejects.toMatchObject({ name: "InvalidPart" });
    const done = await s3.send(new CompleteMultipartUploadCommand({ ...complete, MpuObjectSize: whole.length }));
    expect(done).toMatchObject({ [member]: expected, ChecksumType: type });
    expect(await head()).toMatchObject({ [member]: expected, ChecksumType: type });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(whole)).toBe(true);
    const second = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2, ChecksumMode: "ENABLED" }));
    expect([await second.Body?.transformToString(), second.PartsCount, second[member]]).toEqual([
      "end",
      2,
      Parts[1]?.[member],
    ]);
    const across = await s3.send(
      new GetObjectCommand({ Bucket, Key, Range: `bytes=${PART.length - 2}-${PART.length}` }),
    );
    expect(await across.Body?.transformToString()).toBe("rte");
  });
});

test("computes CRC64NVME for a client that sends no checksum", async () => {
  const plain = running.client({ requestChecksumCalculation: "WHEN_REQUIRED" });
  const expected = await sum("CRC64NVME", Buffer.from("plain"));
  const put = await plain.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "plain" }));
  expect(put).toMatchObject({ ChecksumCRC64NVME: expected, ChecksumType: "FULL_OBJECT" });
  const { UploadId } = await plain.send(new CreateMultipartUploadCommand({ Bucket, Key: "plain" }));
  const part = { Bucket, Key: "plain", UploadId, PartNumber: 1 };
  const { CopyPartResult } = await plain.send(new UploadPartCopyCommand({ ...part, CopySource: `${Bucket}/plain` }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
  const done = await plain.send(
    new CompleteMultipartUploadCommand({ Bucket, Key: "plain", UploadId, MultipartUpload }),
  );
  expect(done).toMatchObject({ ChecksumCRC64NVME: expected, ChecksumType: "FULL_OBJECT" });
});

const ETag = `"${createHash("md5").update("x").digest("hex")}"`;

test.each([
  [
    "InvalidPartOrder",
    [
      { PartNumber: 2, ETag },
      { PartNumber: 1, ETag },
    ],
  ],
  ["InvalidPart", [{ PartNumber: 3, ETag }]],
  ["InvalidPart", [{ PartNumber: 1, ETag: '"x"' }]],
  [
    "EntityTooSmall",
    [
      { PartNumber: 1, ETag },
      { PartNumber: 2, ETag },
    ],
  ],
  ["MalformedXML", [{ PartNumber: 1 }]],
  ["MalformedXML", [{ ETag }]],
  ["MalformedXML", []],
  ["InvalidRequest", undefined],
] as const)("refuses to complete an upload with %s", async (name, Parts) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  for (const PartNumber of [1, 2]) {
    await s3.send(new UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber, Body: "x" }));
  }
  const complete = { Bucket, Key: "parts", UploadId, MultipartUpload: Parts && { Parts: [...Parts] } };
  await expect(s3.send(new CompleteMultipartUploadCommand(complete))).rejects.toMatchObject({ name });
});

test("refuses parts with another checksum than the upload's", async () => {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key: "mixed", ChecksumAlgorithm: "SHA256" }),
  );
  const part = { Bucket, Key: "mixed", UploadId, PartNumber: 1, Body: "x" };
  const other = s3.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: "CRC32" }));
  await expect(other).rejects.toMatchObject({ name: "InvalidRequest", message: expect.stringContaining("sha256") });
  await s3.send(new UploadPartCommand({ ...part, ChecksumAlgorithm: "SHA256" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const complete = s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "mixed", UploadId, MultipartUpload }));
  await expect(complete).rejects.toMatchObject({ message: expect.stringContaining("missing for part 1") });
});
