import { randomBytes } from "node:crypto";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { eventOf, recordOf } from "../events";

/** Lambda's limit for the JSON of an invocation's event. */
const MAX_EVENT_BYTES = 6 * 1_024 * 1_024;
const KIB = 1_024;

interface Ids {
  readonly snsMessageId: string;
  readonly sqsMessageId: string;
}

export interface Batch {
  readonly name: string;
  readonly event: SQSEvent;
  /** The good neighbours, each of which has to be stored. */
  readonly good: readonly Ids[];
}

/** A batch as it comes on an ordinary day: ten findings of half a KiB. */
export function ordinaryBatch(): Batch {
  return batchOf("ordinary: 10 findings of 500 bytes", [], 10);
}

/** The worst that Lambda can send, each with good neighbours. */
export function worstBatches(): Batch[] {
  return [
    nasty("9 × 256 KiB of zeros", 9, 256, filled("0,")),
    nasty("9 × 256 KiB of empty objects", 9, 256, filled("{},")),
    nasty("10 × 600 KiB of zeros", 10, 600, filled("0,")),
    nasty(
      "10 × 600 KiB of brackets within each other",
      10,
      600,
      (bytes) => "[".repeat(bytes / 2) + "]".repeat(bytes / 2),
    ),
    nasty(
      "10 × 600 KiB of names",
      10,
      600,
      (bytes) => `{${list(bytes / 12, (n) => `"${n.toString(36).padStart(7, "k")}":0`)}}`,
    ),
    // Names that are numbers, all in one bucket of a table of 2^16.
    nasty(
      "10 × 600 KiB of names that are numbers",
      10,
      600,
      (bytes) => `{${list(bytes / 14, (n) => `"${n * 65_536}":0`)}}`,
    ),
    nasty("10 × 600 KiB of escaped quotes", 10, 290, (bytes) => `"${'\\"'.repeat(bytes / 2)}"`),
    nasty("5 × 1 MiB of random text", 5, 1_000, (bytes) => `"${randomBytes((bytes * 3) / 4).toString("base64")}"`),
    nasty("5 × 1 MiB that is slow to compress", 5, 1_000, slowToCompress),
    nasty(
      "24 findings of 226 KiB",
      24,
      226,
      (bytes) => `[${list(bytes / 520, (n) => JSON.stringify(eventOf(`f-${n}`)))}]`,
    ),
    nasty("as many maps of 128 zeros as fit in", 10_000, 128 / 512, filled("0,")),
    nasty("maps of 20 KiB, a value for each 8 characters", 10_000, 20, filled("0.12345,")),
    nasty("1,000 × 2 KiB of zeros", 1_000, 2, filled("0,")),
    batchOf("3,000 ordinary events", [], 3_000),
    batchOf(
      "5,000 messages to refuse",
      Array.from({ length: 5_000 }, () => withBody("{")),
      10,
    ),
    batchOf(
      "3,500 envelopes to refuse",
      Array.from({ length: 3_500 }, (_, n) => withMessage(`{"cut off": ${n}`)),
      10,
    ),
  ];
}

/** Events of type `nasty` whose `d` is of `kib` KiB, as many as Lambda sends at once but at most `count`. */
function nasty(name: string, count: number, kib: number, valueOfSize: (bytes: number) => string): Batch {
  const value = valueOfSize(kib * KIB);
  return batchOf(
    name,
    Array.from({ length: count }, (_, n) => withMessage(`{"type":"nasty","n":${n},"d":${value}}`)),
    2,
  );
}

function batchOf(name: string, bad: readonly SQSRecord[], goodCount: number): Batch {
  const good = Array.from({ length: goodCount }, (_, n) => recordOf(`good-${n}`));
  const records = [...good];
  let bytes = Buffer.byteLength(JSON.stringify({ Records: good }));
  for (const record of bad) {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    if (bytes > MAX_EVENT_BYTES) break;
    records.push(record);
  }
  // The good ones last, where a handler that reads in order would come too late.
  return { name, event: { Records: records.reverse() }, good: good.map(idsOf) };
}

function withMessage(message: string): SQSRecord {
  const record = recordOf("");
  return { ...record, body: JSON.stringify({ ...JSON.parse(record.body), Message: message }) };
}

function withBody(body: string): SQSRecord {
  return { ...recordOf(""), body };
}

function idsOf({ body, messageId }: SQSRecord): Ids {
  return { snsMessageId: (JSON.parse(body) as { MessageId: string }).MessageId, sqsMessageId: messageId };
}

function filled(unit: string): (bytes: number) => string {
  return (bytes) => `[${unit.repeat(bytes / unit.length).slice(0, -1)}]`;
}

function list(count: number, elementOf: (n: number) => string): string {
  return Array.from({ length: Math.floor(count) }, (_, n) => elementOf(n)).join(",");
}

/** Repetitions that all begin alike, so that a compressor tries many before it knows the longest. */
function slowToCompress(bytes: number): string {
  const parts: string[] = [];
  for (let n = 0, length = 0; length < bytes; n++) {
    const part = `${"ab".repeat(60)}${String.fromCharCode(97 + (n % 26))}${"a".repeat(n % 97)}`;
    parts.push(part);
    length += part.length;
  }
  return `"${parts.join("").slice(0, bytes)}"`;
}
