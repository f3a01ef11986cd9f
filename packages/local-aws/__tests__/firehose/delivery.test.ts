import { setImmediate as turn } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { PutRecordBatchCommand, PutRecordCommand } from "@aws-sdk/client-firehose";
import fc from "fast-check";
import { SteppedClock } from "../../clock";
import { Firehose, type StreamOptions } from "../../firehose/firehose";
import type { Observer } from "../../observer";
import { S3 } from "../../s3/s3";
import { type Storage, Table } from "../../storage/storage";
import { BUCKET_ARN, type Messaging, ROLE_ARN, startMessaging, until } from "../messaging";

const MIB = 1024 * 1024;
const START = Date.UTC(2026, 0, 31, 22, 59, 58);

let clock: SteppedClock;
let aws: Messaging;

beforeEach(async () => {
  clock = new SteppedClock(START);
  aws = await startMessaging({ clock });
});

afterEach(() => aws.stop());

function createStream(destination: object = {}, options: Partial<StreamOptions> = {}) {
  return aws.streams.createStream({
    name: "events",
    destination: { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN, ...destination },
    ...options,
  });
}

const BUFFERING = { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 300 } };

const texts = () => aws.s3.content().map(([, bytes]) => String(bytes));
const keys = () => aws.s3.content().map(([key]) => key);

/** Waits until an object exists for each delivery of the observer, and the other way round. */
async function settled(objects: number): Promise<void> {
  await until(() => aws.observed.delivered.length >= objects);
  expect(aws.observed.delivered).toHaveLength(objects);
}

test("buffers records until the interval of the oldest one has passed, and then writes one object", async () => {
  const stream = createStream(BUFFERING);
  stream.put("a");
  await clock.advance(200_000);
  stream.put("b");
  await clock.advance(99_999);
  expect(texts()).toEqual([]);
  await clock.advance(1);
  await settled(1);
  expect(texts()).toEqual(["ab"]);
  stream.put("c");
  await clock.advance(299_999);
  expect(texts()).toEqual(["ab"]);
  await clock.advance(1);
  await settled(2);
  expect(texts()).toEqual(["ab", "c"]);
  expect(aws.observed.delivered.map(([records]) => records)).toEqual([["a", "b"], ["c"]]);
  expect(aws.observed.delivered.map(([, uri]) => uri)).toEqual(keys().map((key) => `s3://archive/${key}`));
});

test("writes an object as soon as the buffer has its size, without waiting", async () => {
  const stream = createStream(BUFFERING);
  for (let index = 0; index < 9; index++) stream.put(String(index).repeat(MIB / 4));
  await settled(3);
  expect(aws.s3.content().map(([, bytes]) => bytes.length)).toEqual([MIB, MIB, MIB / 4]);
  expect(texts().join("")).toBe([..."012345678"].map((digit) => digit.repeat(MIB / 4)).join(""));
});

test("waits no longer than the interval for a record of a run whose clock was ahead", async () => {
  const { stored } = createStream(BUFFERING);
  const record = { id: 1, stream: "events", data: "a", bytes: 1, arrivedAt: START + 86_400_000 };
  aws.streams.createStream({ name: "other", destination: stored.destination }).restore({ ...record, stream: "other" });
  await clock.advance(300_000);
  await settled(1);
});

test("takes a shorter interval, even none, instead of the buffering hints", async () => {
  createStream(BUFFERING, { bufferingMs: 0 }).put("a");
  await clock.advance(0);
  await settled(1);
});

test("names objects by the arrival of the oldest record, in the time zone of the stream", async () => {
  const Prefix = "raw/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/";
  const ErrorOutputPrefix = "errors/!{firehose:error-output-type}/";
  createStream({ ...BUFFERING, Prefix, ErrorOutputPrefix, CompressionFormat: "GZIP" }).put("é😀");
  await clock.advance(300_000);
  await settled(1);
  const destination = { ...BUFFERING, Prefix, ErrorOutputPrefix, CustomTimeZone: "Asia/Tokyo", FileExtension: ".json" };
  createStream(destination).put("b");
  await clock.advance(300_000);
  await settled(2);
  const uuid = "[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}";
  const [first, second] = keys();
  expect(first).toMatch(
    new RegExp(`^raw/year=2026/month=01/day=31/hour=22/events-1-2026-01-31-22-59-58-${uuid}\\.gz$`),
  );
  expect(second).toMatch(
    new RegExp(`^raw/year=2026/month=02/day=01/hour=08/events-1-2026-02-01-08-04-58-${uuid}\\.json$`),
  );
  expect(String(gunzipSync(aws.s3.content()[0]?.[1] ?? ""))).toBe("é😀");
});

test.each([
  [{ Prefix: "" }, /^2026\/01\/31\/22\/events-1-2026-01-31-22-59-58-[\da-f-]{36}$/],
  [{ Prefix: "plain" }, /^plain2026\/01\/31\/22\/events-1-/],
  [{ Prefix: "!{timestamp:'y='yyyy'/d='DDD''HHmmss}/" }, /^y=2026\/d=031'225958\/events-1-/],
  [{ Prefix: "!{firehose:random-string}/" }, /^[\w-]{11}\/2026\/01\/31\/22\/events-1-/],
])("evaluates the prefix %j", async (destination, key) => {
  createStream({ ...BUFFERING, ...destination, ErrorOutputPrefix: "!{firehose:error-output-type}/" }).put("a");
  await clock.advance(300_000);
  await settled(1);
  expect(keys()).toEqual([expect.stringMatching(key)]);
});

test("appends a line break to each record, if a processor asks for it", async () => {
  const Processors = [
    {
      Type: "AppendDelimiterToRecord" as const,
      Parameters: [{ ParameterName: "Delimiter" as const, ParameterValue: "\\n" }],
    },
  ];
  const stream = createStream({ ...BUFFERING, ProcessingConfiguration: { Enabled: true, Processors } });
  for (const record of ["a", "b"]) stream.put(record);
  await clock.advance(300_000);
  await settled(1);
  expect(texts()).toEqual(["a\nb\n"]);
});

test("keeps any bytes, in the order of their arrival", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 20 }), async (records) => {
      const objects = aws.s3.content().length;
      createStream(BUFFERING);
      const Records = records.map((Data) => ({ Data }));
      const DeliveryStreamName = "events";
      await aws.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
      await aws.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: new Uint8Array([0xff]) } }));
      await clock.advance(300_000);
      await settled(objects + 1);
      expect(aws.s3.content().at(-1)?.[1]).toEqual(Buffer.concat([...records, new Uint8Array([0xff])]));
    }),
    { numRuns: 50 },
  );
});

test("retries until S3 accepts an object, and writes each record once", async () => {
  aws.s3.failures = 1;
  const stream = createStream(BUFFERING);
  stream.put("a");
  await clock.advance(300_000);
  await until(() => aws.observed.noted.length > 0);
  expect(aws.observed.noted).toEqual([["events could not deliver and will retry: the disk is full"]]);
  stream.put("b");
  await settled(1);
  expect(texts()).toEqual(["a"]);
  await clock.advance(300_000);
  await settled(2);
  expect(texts()).toEqual(["a", "b"]);
});

test("delivers what is buffered before it stops, and leaves what S3 rejects", async () => {
  const stream = createStream(BUFFERING);
  for (const record of ["a", "b"]) stream.put(record);
  await stream.stop(Date.now() + 5_000);
  expect(texts()).toEqual(["ab"]);
  stream.put("c");
  aws.s3.failures = 1;
  const started = Date.now();
  await stream.stop(Date.now() + 5_000);
  expect(Date.now() - started).toBeLessThan(2_000);
  expect(texts()).toEqual(["ab"]);
});

test("discards the buffered records of a deleted stream", async () => {
  createStream(BUFFERING).put("a");
  aws.streams.deleteStream("events");
  createStream(BUFFERING);
  await clock.advance(300_000);
  expect(texts()).toEqual([]);
});

/** Adds up the bytes that wait and the bytes in objects after each turn of the event loop, as a kill would find them. */
class TurnStorage implements Storage {
  readonly folder = undefined;
  readonly isNew = true;
  readonly tables = new Map<string, Table<{ readonly bytes: number; readonly object: { readonly size: number } }>>();
  readonly totals: number[] = [];
  private isChanged = false;

  table<Value>(name: string): Table<Value> {
    const table = new Table<Value>(() => {
      if (!this.isChanged) setImmediate(() => this.commit());
      this.isChanged = true;
    });
    this.tables.set(name, table as never);
    return table;
  }

  flush(): Promise<void> | undefined {
    return this.isChanged ? turn() : undefined;
  }

  close(): void {}

  private commit(): void {
    this.isChanged = false;
    const waiting = [...(this.tables.get("firehose-records")?.values() ?? [])].map(({ bytes }) => bytes);
    const written = [...(this.tables.get("s3-versions")?.values() ?? [])].map(({ object }) => object.size);
    this.totals.push([...waiting, ...written].reduce((sum, bytes) => sum + bytes, 0));
  }
}

test("keeps each record in either the buffer or an object of S3 at the end of every turn", async () => {
  const storage = new TurnStorage();
  const [delivery, endpoint] = [{ shuffled: false, seed: 0 }, "http://127.0.0.1"];
  const delivered: number[] = [];
  const observer: Observer = { delivered: (records) => delivered.push(records.length) };
  const host = { endpoint, region: "us-east-1", clock, storage, observer, delivery };
  const s3 = new S3(host);
  const destination = { RoleARN: ROLE_ARN, BucketARN: BUCKET_ARN };
  const stream = new Firehose(host, s3).createStream({ name: "events", destination, bufferingMs: 0 });
  for (let index = 0; index < 100; index++) {
    if (index === 10) s3.createBucket("archive"); // Until then, S3 rejects each object.
    stream.put("0123456789");
    await clock.advance(1);
  }
  while (delivered.reduce((sum, count) => sum + count, 0) < 100) await clock.advance(1);
  expect(storage.totals.length).toBeGreaterThan(100);
  expect(storage.totals.at(-1)).toBe(1_000);
  // No total is smaller than the one before, so no record was lost; none is larger than what was put, so none is doubled.
  expect(storage.totals).toEqual([...storage.totals].sort((a, b) => a - b));
});
