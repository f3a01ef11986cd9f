import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { archiveHourPrefix } from "@event-pipeline/event-model/archive-layout";
import { FakeBucket } from "@event-pipeline/testing/fake-bucket";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import type { TimeRange } from "../../archive/archived-objects";
import {
  type ArchivedRecord,
  type ArchiveProgress,
  archivedRecords,
  type Unreadable,
} from "../../archive/archived-records";
import { OperationError } from "../../errors";

const HOUR = "raw/year=2026/month=03/day=04/hour=05/";

async function read(bucket: FakeBucket, timeRange: TimeRange = {}, after?: ArchiveProgress) {
  const records: ArchivedRecord[] = [];
  const unreadable: Unreadable[] = [];
  const onUnreadable = (each: Unreadable) => unreadable.push(each);
  for await (const record of archivedRecords({ archive: bucket.archive, timeRange, after, onUnreadable })) {
    records.push(record);
  }
  return { records, bodies: records.map(({ body }) => body), unreadable };
}

/** Texts of events. Some contain characters that look like the end of a record. */
const message = fc.oneof(
  fc.json(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('}{"a":1}{', "} {", "\\", '\\"}{', "\n}\n{", "😀}{😀", ""),
);
const body = message.map((text) => envelopeOf(text));
const separator = fc.constantFrom("\n", "\r\n", "", " ", "\n\n", "\n  \n");
/** Lines that are not valid records. */
const broken = fc.constantFrom(
  "not JSON",
  '{"Type":"Notification","MessageId":"cut',
  "[]",
  "{}",
  "7",
  '{"Message":"no id"}',
);

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("record" as const), text: body, separator }) },
  fc.record({ kind: fc.constant("broken" as const), text: broken, separator: fc.constant("\n") }),
);
const object = fc.record({ pieces: fc.array(piece, { maxLength: 12 }), gzip: fc.boolean() });

function bytesOf({
  pieces,
  gzip,
}: {
  pieces: readonly { kind: string; text: string; separator: string }[];
  gzip: boolean;
}) {
  let text = "";
  for (const each of pieces) {
    if (each.kind === "broken" && text !== "" && !text.endsWith("\n")) text += "\n";
    text += each.text + each.separator;
  }
  return gzip ? gzipSync(text) : Buffer.from(text);
}

test("reads every record unchanged and in order, with any separator", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(object, { maxLength: 6 }), async (objects) => {
      const bucket = new FakeBucket();
      for (const [index, each] of objects.entries()) bucket.objects.set(`${HOUR}${index}`, bytesOf(each));
      const { bodies, unreadable } = await read(bucket);
      const pieces = objects.flatMap(({ pieces }) => pieces);
      expect(bodies).toEqual(pieces.filter(({ kind }) => kind === "record").map(({ text }) => text));
      const empty = objects.filter(({ pieces }) => pieces.length === 0);
      expect(unreadable).toHaveLength(pieces.filter(({ kind }) => kind === "broken").length + empty.length);
    }),
    { numRuns: 300 },
  );
});

test("`after` skips exactly the records up to a position", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 5 }), fc.nat(), async (objects, at) => {
      const bucket = new FakeBucket();
      for (const [index, each] of objects.entries()) bucket.objects.set(`${HOUR}${index}`, bytesOf(each));
      const { records, bodies } = await read(bucket);
      if (records.length === 0) return;
      const last = at % records.length;
      expect((await read(bucket, {}, { position: records[last]?.position, left: [] })).bodies).toEqual(
        bodies.slice(last + 1),
      );
    }),
  );
});

test("reads the events in a time range, even from objects of the hour before or after", async () => {
  const bucket = new FakeBucket();
  const at = (Timestamp: string, text: string) => envelopeOf(text, { Timestamp });
  const put = (folder: string, ...bodies: string[]) =>
    bucket.objects.set(`${archiveHourPrefix(new Date(folder))}x`, Buffer.from(bodies.join("\n")));
  put("2026-03-04T02:00:00Z", at("2026-03-04T02:30:00.000Z", "too early"));
  put("2026-03-04T04:00:00Z", at("2026-03-04T04:59:59.999Z", "before"), at("2026-03-04T05:00:01.000Z", "gathered"));
  put("2026-03-04T05:00:00Z", at("2026-03-04T05:00:00.000Z", "first"));
  put("2026-03-04T06:00:00Z", at("2026-03-04T05:59:59.999Z", "taken late"), at("2026-03-04T06:00:00.000Z", "after"));
  put("2026-03-04T08:00:00Z", at("2026-03-04T05:30:00.000Z", "beyond what is read"));
  const { records } = await read(bucket, {
    since: new Date("2026-03-04T05:00:00Z"),
    until: new Date("2026-03-04T06:00:00Z"),
  });
  expect(records.map(({ envelope }) => envelope.message)).toEqual(["gathered", "first", "taken late"]);
});

test("lists only the requested hour of a large archive", async () => {
  const bucket = new FakeBucket();
  for (let hour = 0; hour < 300; hour += 1) {
    const time = new Date(Date.UTC(2026, 0, 1, hour));
    bucket.objects.set(`${archiveHourPrefix(time)}x`, Buffer.from(envelopeOf("{}", { Timestamp: time.toISOString() })));
  }
  const since = new Date(Date.UTC(2026, 0, 1, 200));
  const { records } = await read(bucket, { since, until: new Date(since.getTime() + 3_600_000) });
  expect(records).toHaveLength(1);
  expect(bucket.requests).toBeLessThan(8);
});

test("splits records without line breaks, and skips a record that is too long", async () => {
  const bucket = new FakeBucket();
  const bodies = Array.from({ length: 40 }, (_, index) => envelopeOf(`${index}}{${"é".repeat(100_000)}`));
  const after = envelopeOf("after it");
  bucket.objects.set(`${HOUR}1`, Buffer.from(bodies.join("")));
  bucket.objects.set(`${HOUR}2`, gzipSync(`{"endless":"${"x".repeat(5_000_000)}\n${after}`));
  const { bodies: found, unreadable } = await read(bucket);
  expect(found).toEqual([...bodies, after]);
  expect(unreadable).toEqual([
    { bucket: "raw", key: `${HOUR}2`, line: 1, reason: expect.stringContaining("more than 2097152 bytes") },
  ]);
});

test("reads an object in several parts", async () => {
  const bucket = new FakeBucket();
  const bodies = Array.from({ length: 30 }, () => envelopeOf(randomBytes(300_000).toString("base64")));
  bucket.objects.set(`${HOUR}1`, Buffer.from(bodies.join("\n")));
  bucket.objects.set(`${HOUR}2.gz`, gzipSync(bodies.join("\n")));
  expect((await read(bucket)).bodies).toEqual([...bodies, ...bodies]);
  expect(bucket.requests).toBeGreaterThan(4);
});

test("reports objects that cannot be read completely, and reads the other objects", async () => {
  const bucket = new FakeBucket();
  const bodies = Array.from({ length: 200 }, (_, index) =>
    envelopeOf(`${index} ${randomBytes(2_000).toString("hex")}`),
  );
  const complete = gzipSync(bodies.join("\n"));
  bucket.objects.set(`${HOUR}1-gone`, Buffer.from("x"));
  bucket.errors.set(
    `${HOUR}1-gone`,
    Object.assign(new Error("The specified key does not exist."), { name: "NoSuchKey" }),
  );
  bucket.objects.set(`${HOUR}2-cut`, complete.subarray(0, complete.length / 2));
  bucket.objects.set(`${HOUR}3-cold`, Buffer.from("x"));
  bucket.errors.set(`${HOUR}3-cold`, Object.assign(new Error("Not valid."), { name: "InvalidObjectState" }));
  bucket.objects.set(`${HOUR}4-bytes`, Buffer.from([0xff, 0xfe, 0x0a, ...Buffer.from(bodies[0] as string)]));
  bucket.objects.set(`${HOUR}5-empty`, new Uint8Array());
  bucket.objects.set(`${HOUR}6-folder/`, new Uint8Array());
  const { bodies: found, unreadable } = await read(bucket);
  expect(unreadable.map(({ key, line, reason }) => [key.slice(HOUR.length), line, reason])).toEqual([
    ["1-gone", undefined, expect.stringContaining("deleted")],
    ["2-cut", undefined, expect.stringContaining("unexpected end of file")],
    ["3-cold", undefined, expect.stringContaining("Restore")],
    ["4-bytes", 1, expect.stringContaining("UTF-8")],
    ["5-empty", undefined, expect.stringContaining("is empty")],
  ]);
  expect(found.at(-1)).toBe(bodies[0]);
  expect(found.length).toBeGreaterThan(50);
  expect(found.slice(0, -1)).toEqual(bodies.slice(0, found.length - 1));
});

/** Creates errors as the SDK throws them. */
const failed = (name: string, status: number) =>
  Object.assign(new Error("no reason"), { name, $metadata: { httpStatusCode: status } });
const reset = () => Object.assign(new Error("aborted"), { code: "ECONNRESET" });
const passing = fc.constantFrom<Error | "cut">("cut", failed("SlowDown", 503), failed("InternalError", 500), reset());

describe("errors from S3", () => {
  const { random } = Math;
  beforeEach(() => jest.spyOn(Math, "random").mockImplementation(() => random() / 1_000));
  afterEach(() => jest.restoreAllMocks());

  const bucketOf = (count: number) => {
    const bucket = new FakeBucket();
    const bodies = Array.from({ length: count }, (_, index) => envelopeOf(`${index} ${"x".repeat(100)}`));
    for (const [index, each] of bodies.entries()) {
      bucket.objects.set(`${HOUR}${String(index).padStart(3, "0")}`, index % 2 ? gzipSync(each) : Buffer.from(each));
    }
    return { bucket, bodies };
  };

  test("reads everything although requests fail for a while or bodies are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(passing), { minLength: 1, maxLength: 30 }), async (faults) => {
        const { bucket, bodies } = bucketOf(10);
        bucket.fault = (operation) => (operation === "GetObject" ? (faults.pop() ?? undefined) : undefined);
        const { bodies: found, unreadable } = await read(bucket);
        expect([found, unreadable]).toEqual([bodies, []]);
      }),
      { numRuns: 30 },
    );
  });

  test("names an object that stays unreadable, and reads the others", async () => {
    for (const fault of ["cut", failed("AccessDenied", 403), failed("InvalidObjectState", 403), reset()] as const) {
      const { bucket, bodies } = bucketOf(6);
      bucket.fault = (_, key) => (key.endsWith("002") ? fault : undefined);
      const { bodies: found, unreadable } = await read(bucket);
      expect(found).toEqual(bodies.filter((_, index) => index !== 2));
      expect(unreadable).toEqual([expect.objectContaining({ key: `${HOUR}002`, error: expect.any(OperationError) })]);
    }
  });

  test("ends at once when the credentials are refused, and after several objects in a row that fail", async () => {
    const { bucket, bodies } = bucketOf(12);
    bucket.fault = (_, key) => (key >= `${HOUR}004` ? failed("ExpiredToken", 400) : undefined);
    const found: string[] = [];
    const unreadable: Unreadable[] = [];
    const readAll = async () => {
      const records = archivedRecords({
        archive: bucket.archive,
        timeRange: {},
        onUnreadable: (it) => unreadable.push(it),
      });
      for await (const { body } of records) found.push(body);
    };
    await expect(readAll()).rejects.toMatchObject({ name: "ExpiredToken" });
    expect([found, unreadable]).toEqual([bodies.slice(0, 4), []]);

    bucket.fault = (_, key) => (key >= `${HOUR}004` ? reset() : undefined);
    await expect(readAll()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(unreadable.length).toBeLessThan(6);
  });

  test("reads the parts of one version of an object", async () => {
    const { bucket } = bucketOf(1);
    const sent: (string | undefined)[] = [];
    const { s3 } = bucket.archive;
    const send = s3.send.bind(s3) as (command: object) => Promise<object>;
    const archive = {
      ...bucket.archive,
      s3: Object.assign(s3, {
        send: (command: object) => {
          if (command instanceof GetObjectCommand) sent.push(command.input.IfMatch);
          return send(command);
        },
      }),
    };
    for await (const _ of archivedRecords({ archive, timeRange: {}, onUnreadable: () => undefined }));
    expect(sent).toEqual([`"${HOUR}000"`]);
  });
});
