import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { SteppedClock } from "../../clock";
import { type RunningS3, startS3 } from "./start-s3";

const Bucket = "listing";

const clock = new SteppedClock();

let running: RunningS3;
let s3: RunningS3["s3"];
beforeAll(async () => {
  running = await startS3({ clock });
  s3 = running.s3;
  running.state.createBucket(Bucket);
});
afterAll(() => running.stop());

const inBytes = (texts: Iterable<string>) => [...texts].sort((a, b) => Buffer.from(a).compare(Buffer.from(b)));

const CHARACTERS = ["a", "B", "_", "-", "/", "é", "\uffee", "𐀀", "%", "+", " ", "\u0001", "<"];
const key = fc.string({ unit: fc.constantFrom(...CHARACTERS), minLength: 1, maxLength: 6 });
let lists = 0;

test("lists every key once, in byte order, with any page size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom("", "/", "aB"),
      fc.constantFrom(undefined, "url" as const),
      fc.constantFrom("objects", "versions"),
      async (keys, MaxKeys, Delimiter, EncodingType, what) => {
        const Prefix = `list-${++lists}/`;
        for (const name of keys) {
          await running.state.putObject({ bucket: Bucket, key: Prefix + name, body: Buffer.from("x") });
        }
        const found: string[] = [];
        const prefixes: string[] = [];
        const decoded = (text = "") => (EncodingType ? decodeURIComponent(text) : text);
        let marker: { ContinuationToken?: string; KeyMarker?: string; VersionIdMarker?: string } = {};
        for (let more = true; more; ) {
          const input = { Bucket, Prefix, MaxKeys, Delimiter, EncodingType, ...marker };
          const page: Page = await (what === "objects"
            ? s3.send(new ListObjectsV2Command(input))
            : s3.send(new ListObjectVersionsCommand(input)));
          const objects = page.Contents ?? page.Versions ?? [];
          expect(objects.length + (page.CommonPrefixes?.length ?? 0)).toBeLessThanOrEqual(MaxKeys);
          found.push(...objects.map((object) => decoded(object.Key)));
          prefixes.push(...(page.CommonPrefixes ?? []).map((common) => decoded(common.Prefix)));
          const { NextContinuationToken, NextKeyMarker, NextVersionIdMarker } = page;
          marker = {
            ...(NextContinuationToken && { ContinuationToken: NextContinuationToken }),
            ...(NextKeyMarker && { KeyMarker: decoded(NextKeyMarker) }),
            ...(NextVersionIdMarker && { VersionIdMarker: NextVersionIdMarker }),
          };
          more = page.IsTruncated === true;
        }
        const rolledUp = (name: string) => Delimiter !== "" && name.includes(Delimiter);
        const withPrefix = (names: Iterable<string>) => inBytes(names).map((name) => Prefix + name);
        expect(found).toEqual(withPrefix(keys.filter((name) => !rolledUp(name))));
        const upTo = (name: string) => name.slice(0, name.indexOf(Delimiter) + Delimiter.length);
        expect(prefixes).toEqual(withPrefix(new Set(keys.filter(rolledUp).map(upTo))));
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

interface Page {
  Contents?: { Key?: string | undefined }[] | undefined;
  Versions?: { Key?: string | undefined }[] | undefined;
  CommonPrefixes?: { Prefix?: string | undefined }[] | undefined;
  IsTruncated?: boolean | undefined;
  NextContinuationToken?: string | undefined;
  NextKeyMarker?: string | undefined;
  NextVersionIdMarker?: string | undefined;
}

test("lists the uploads of a key in the order of their creation, even if those of the page before were aborted", async () => {
  running.state.createBucket("uploads");
  const upload = { Bucket: "uploads", Key: "key" };
  const created: (string | undefined)[] = [];
  for (let count = 0; count < 7; count++) {
    created.push((await s3.send(new CreateMultipartUploadCommand(upload))).UploadId);
    await clock.advance(1);
  }
  const listed: (string | undefined)[] = [];
  let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  do {
    const page = await s3.send(new ListMultipartUploadsCommand({ Bucket: "uploads", MaxUploads: 3, ...next }));
    for (const { UploadId } of page.Uploads ?? []) {
      listed.push(UploadId);
      await s3.send(new AbortMultipartUploadCommand({ ...upload, UploadId }));
    }
    next = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  } while (next.KeyMarker);
  expect(listed).toEqual(created);
});

test("returns at most 1,000 keys a page, and lists 20,000 keys fast", async () => {
  running.state.createBucket("many-keys");
  const put = (index: number) =>
    running.state.putObject({ bucket: "many-keys", key: `${index % 7}/${index}`, body: Buffer.from("x") });
  await Promise.all(Array.from({ length: 20_000 }, (_, index) => put(index)));
  let count = 0;
  let ContinuationToken: string | undefined;
  do {
    const page: Page & { Contents?: unknown[] | undefined } = await s3.send(
      new ListObjectsV2Command({ Bucket: "many-keys", MaxKeys: 5_000, ContinuationToken }),
    );
    expect(page.Contents?.length).toBe(1_000);
    count += page.Contents?.length ?? 0;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(count).toBe(20_000);
  const { CommonPrefixes } = await s3.send(new ListObjectsV2Command({ Bucket: "many-keys", Delimiter: "/" }));
  expect(CommonPrefixes?.length).toBe(7);
}, 120_000);
