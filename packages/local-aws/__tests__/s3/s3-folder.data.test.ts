import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { buildSync } from "esbuild";
import fc from "fast-check";
import { FolderStorage } from "../../storage/storage";
import { BucketModel, COMMAND } from "./model";
import { type RunningS3, startS3 } from "./start-s3";

const Bucket = "folder";
const MIB = 1_024 ** 2;

let folder: string;
let running: RunningS3;

async function start(): Promise<void> {
  const storage = FolderStorage.open(folder, (error) => {
    throw error;
  });
  running = await startS3({ storage });
}

async function restart(): Promise<void> {
  await running.stop();
  await start();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "s3-"));
  await start();
  running.state.createBucket(Bucket);
});
afterEach(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

const files = () => readdirSync(join(folder, "s3"));

/** Files are removed after the response. */
async function expectFiles(count: number): Promise<void> {
  for (let wait = 0; wait < 100 && files().length !== count; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(files()).toHaveLength(count);
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await running.s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

test("agrees with a plain map of versions, after any commands and restarts", async () => {
  let buckets = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(COMMAND, { maxLength: 12 }), async (commands) => {
      const bucket = `model-${++buckets}`;
      running.state.createBucket(bucket);
      const model = new BucketModel(bucket, restart);
      for (const command of commands) await model.run(running.s3, command);
      await restart();
      await model.check(running.s3);
    }),
    { numRuns: 15 },
  );
}, 120_000);

test("keeps objects and uploads over a restart, and only their files", async () => {
  const first = Buffer.alloc(5 * MIB, "first");
  const upload = await running.s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key: "parts", Metadata: { a: "b" } }),
  );
  const part = { Bucket, Key: "parts", UploadId: upload.UploadId };
  const parts = [await running.s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body: first }))];
  await running.s3.send(new PutObjectCommand({ Bucket, Key: "one", Body: "one" }));
  await restart();
  parts.push(await running.s3.send(new UploadPartCommand({ ...part, PartNumber: 2, Body: "last" })));
  await running.s3.send(new UploadPartCommand({ ...part, PartNumber: 3, Body: "unused" }));
  await expectFiles(4);
  const Parts = parts.map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
  await running.s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }));
  await expectFiles(3);
  await restart();
  expect((await read("parts")).equals(Buffer.concat([first, Buffer.from("last")]))).toBe(true);
  expect(String(await read("one"))).toBe("one");
  await running.s3.send(new PutObjectCommand({ Bucket, Key: "one", Body: "two" }));
  await running.s3.send(new DeleteObjectCommand({ Bucket, Key: "parts" }));
  await expectFiles(1);
});

test("removes the files of a run that was killed, and of broken uploads", async () => {
  const { UploadId } = await running.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "aborted" }));
  const part = { Bucket, Key: "aborted", UploadId };
  await running.s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body: "x" }));
  await running.s3.send(new AbortMultipartUploadCommand(part));
  const wrong = new PutObjectCommand({ Bucket, Key: "wrong", Body: "x", ChecksumCRC32: "AAAAAA==" });
  await expect(running.s3.send(wrong)).rejects.toMatchObject({ name: "BadDigest" });
  const socket = connect(Number(new URL(running.endpoint).port), "127.0.0.1");
  socket.write(`PUT /${Bucket}/broken HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n`);
  await new Promise((resolve) => socket.write(Buffer.alloc(500_000), resolve));
  await expectFiles(1);
  socket.destroy();
  await expectFiles(0);
  writeFileSync(join(folder, "s3", randomUUID()), "x");
  await restart();
  expect(files()).toEqual([]);
});

/** Starts S3 on the folder in a process of its own, whose files have at most 2 MiB: a limit that acts like a full disk. */
async function startOnFullDisk(): Promise<{ readonly client: S3Client; readonly end: () => Promise<void> }> {
  const file = join(mkdtempSync(join(tmpdir(), "s3-process-")), "server.cjs");
  buildSync({
    stdin: {
      contents: `import { FolderStorage } from "../../storage/storage";
        import { startS3 } from "./start-s3";
        const storage = FolderStorage.open(${JSON.stringify(folder)}, (error) => { throw error; });
        startS3({ storage }).then(({ endpoint }) => process.stdout.write(endpoint));`,
      resolveDir: __dirname,
    },
    outfile: file,
    bundle: true,
    platform: "node",
    external: ["node:sqlite"],
  });
  const command = ["-c", 'ulimit -f 4096; exec "$@"', "sh", process.execPath, file];
  const child = spawn("sh", command, { stdio: ["ignore", "pipe", "inherit"] });
  const [endpoint] = (await once(child.stdout, "data")) as [Buffer];
  const client = running.client({ endpoint: String(endpoint) });
  const end = async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  };
  return { client, end };
}

test("answers with an error when the disk is full, and keeps what was acknowledged", async () => {
  const object = { Bucket, Key: "kept" };
  const kept = Buffer.alloc(MIB, "kept");
  const large = Buffer.alloc(5 * MIB, "large");
  await running.s3.send(new PutObjectCommand({ ...object, Body: kept }));
  const { UploadId } = await running.s3.send(new CreateMultipartUploadCommand(object));
  const part = { ...object, UploadId, PartNumber: 1 };
  await running.s3.send(new UploadPartCommand({ ...part, Body: kept }));
  await running.stop();
  const full = await startOnFullDisk();
  for (const command of [
    new PutObjectCommand({ ...object, Body: large }),
    new UploadPartCommand({ ...part, Body: large }),
  ]) {
    const failed = full.client.send(command as PutObjectCommand);
    await expect(failed).rejects.toMatchObject({ name: "InternalError", $metadata: { httpStatusCode: 500 } });
    await expectFiles(2);
  }
  await full.client.send(new PutObjectCommand({ Bucket, Key: "small", Body: "fits" }));
  await full.end();
  await start();
  expect((await read("kept")).equals(kept)).toBe(true);
  expect(String(await read("small"))).toBe("fits");
  const { Parts } = await running.s3.send(new ListPartsCommand({ ...object, UploadId }));
  expect(Parts).toMatchObject([{ PartNumber: 1, Size: MIB }]);
  await running.s3.send(new PutObjectCommand({ ...object, Body: large }));
  expect((await read("kept")).equals(large)).toBe(true);
}, 60_000);

test("keeps no file for a copy that failed", async () => {
  const copy = { Bucket, Key: "source", CopySource: `${Bucket}/source`, MetadataDirective: "REPLACE" } as const;
  await running.s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "source" }));
  const failed = running.s3.send(new CopyObjectCommand({ ...copy, IfNoneMatch: "*" }));
  await expect(failed).rejects.toMatchObject({ name: "PreconditionFailed" });
  await running.s3.send(new CopyObjectCommand(copy));
  await expectFiles(1);
  await running.s3.send(new DeleteObjectCommand({ Bucket, Key: "source" }));
  await expectFiles(0);
});

test("finishes a read of an object that is deleted", async () => {
  const body = Buffer.alloc(8 * MIB, "x");
  await running.s3.send(new PutObjectCommand({ Bucket, Key: "read", Body: body }));
  const { Body } = await running.s3.send(new GetObjectCommand({ Bucket, Key: "read" }));
  await running.s3.send(new DeleteObjectCommand({ Bucket, Key: "read" }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  await expectFiles(0);
});

test("needs memory for a part of a large object only", async () => {
  const before = process.memoryUsage();
  const size = 256 * MIB;
  const chunk = Buffer.alloc(MIB, "x");
  let peak = 0;
  const watch = setInterval(() => {
    const { arrayBuffers } = process.memoryUsage();
    peak = Math.max(peak, arrayBuffers - before.arrayBuffers);
  }, 5);
  const body = Readable.from(Array.from({ length: size / MIB }, () => chunk));
  await running.s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: body, ContentLength: size }));
  const { Body } = await running.s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  let received = 0;
  for await (const part of Body as Readable) received += (part as Buffer).length;
  clearInterval(watch);
  expect(received).toBe(size);
  // The measured memory includes the client, and what is not collected yet.
  expect(peak).toBeLessThan(size / 2);
}, 120_000);
