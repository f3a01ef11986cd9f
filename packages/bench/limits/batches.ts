import { randomBytes } from "node:crypto";
import type { JsonSchema } from "@event-pipeline/contracts/schema";
import { recordOf as sqsRecord } from "@event-pipeline/testing/sqs-records";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { eventOf, recordOf, recordOfMessage } from "../events";

/** Maximum size of an invocation payload in Lambda (6 MB). */
const MAX_EVENT_BYTES = 6 * 1_024 * 1_024;
const KIB = 1_024;

export interface TestBatch {
  readonly name: string;
  readonly event: SQSEvent;
  /** The records with valid events. The function must store each of them. */
  readonly valid: readonly SQSRecord[];
  /** The contracts of the handler. @default - none */
  readonly contracts?: readonly JsonSchema[];
}

/** Returns a typical batch: ten events of 500 bytes. */
export function ordinaryBatch(): TestBatch {
  return batchOf("ordinary: 10 events of 500 bytes", [], 10);
}

/** Returns the most expensive batches that Lambda can send, each including some valid events. */
export function worstBatches(): TestBatch[] {
  return [
    largeEvents("9 × 256 KiB of zeros", 9, 256, filled("0,")),
    largeEvents("9 × 256 KiB of empty objects", 9, 256, filled("{},")),
    largeEvents("10 × 600 KiB of zeros", 10, 600, filled("0,")),
    largeEvents("10 × 600 KiB of nested brackets", 10, 600, (bytes) => "[".repeat(bytes / 2) + "]".repeat(bytes / 2)),
    largeEvents(
      "10 × 600 KiB of field names",
      10,
      600,
      (bytes) => `{${list(bytes / 12, (n) => `"${n.toString(36).padStart(7, "k")}":0`)}}`,
    ),
    // In a hash table with 2^16 buckets, all these names share one bucket.
    largeEvents(
      "10 × 600 KiB of numeric field names",
      10,
      600,
      (bytes) => `{${list(bytes / 14, (n) => `"${n * 65_536}":0`)}}`,
    ),
    largeEvents("10 × 600 KiB of escaped quotes", 10, 290, (bytes) => `"${'\\"'.repeat(bytes / 2)}"`),
    largeEvents(
      "5 × 1 MiB of random text",
      5,
      1_000,
      (bytes) => `"${randomBytes((bytes * 3) / 4).toString("base64")}"`,
    ),
    largeEvents("5 × 1 MiB that is slow to compress", 5, 1_000, slowToCompress),
    largeEvents(
      "24 × 226 KiB of nested events",
      24,
      226,
      (bytes) => `[${list(bytes / 520, (n) => JSON.stringify(eventOf(`f-${n}`)))}]`,
    ),
    largeEvents("arrays of 128 zeros, as many as fit", 10_000, 128 / 512, filled("0,")),
    largeEvents("arrays of 20 KiB, one value per 8 characters", 10_000, 20, filled("0.12345,")),
    largeEvents("1,000 × 2 KiB of zeros", 1_000, 2, filled("0,")),
    batchOf("3,000 ordinary events", [], 3_000),
    batchOf(
      "5,000 messages to reject",
      Array.from({ length: 5_000 }, () => sqsRecord("{")),
      10,
    ),
    batchOf(
      "3,500 envelopes to reject",
      Array.from({ length: 3_500 }, (_, n) => recordOfMessage(`{"cut off": ${n}`)),
      10,
    ),
    ...batchesWithContracts(),
  ];
}

/** Number of checks of one value, up to which synth accepts a contract. */
const MAX_CHECKS = 100;

/** Returns batches whose contracts take as long as synth allows, and whose events violate them only at the end. */
function batchesWithContracts(): TestBatch[] {
  const numbers = (length: number) => Array.from({ length }, (_, n) => n);
  const withContract = (rule: object, batch: TestBatch): TestBatch => ({
    ...batch,
    name: `${batch.name}, validated`,
    contracts: [
      {
        "x-event-type": "nasty",
        "x-version": "1",
        title: "Large event",
        description: "Takes as long as a contract can.",
        type: "object",
        properties: { d: rule },
        examples: [{ type: "nasty", d: "" }],
      },
    ],
  });
  const text = (bytes: number) => `"${"x".repeat(bytes)}"`;
  return [
    withContract(
      { allOf: numbers(MAX_CHECKS - 10).map((n) => ({ maxLength: 1_000_000 + n })) },
      largeEvents("24 × 250 KiB of text", 24, 250, text),
    ),
    withContract({ pattern: "^[a-z]*$" }, largeEvents("24 × 250 KiB of text with a pattern", 24, 250, text)),
    withContract(
      { items: { enum: numbers(MAX_CHECKS - 20).map((n) => n + 1) } },
      largeEvents("24 × 250 KiB of listed numbers", 24, 250, filled("80,")),
    ),
    withContract(
      { items: { enum: numbers(7).map((a) => ({ a })) } },
      largeEvents("24 × 250 KiB of listed objects", 24, 250, filled('{"a":6},')),
    ),
    withContract(
      { items: { anyOf: numbers(7).map((n) => ({ const: n })) } },
      largeEvents("24 × 250 KiB of alternatives", 24, 250, filled("6,")),
    ),
    withContract(
      { patternProperties: Object.fromEntries(numbers(7).map((n) => [`^k.*${n}$`, true])) },
      largeEvents(
        "24 × 250 KiB of names with patterns",
        24,
        250,
        (bytes) => `{${list(bytes / 12, (n) => `"${n.toString(36).padStart(7, "k")}":0`)}}`,
      ),
    ),
  ];
}

/** Returns `count` events with a field `d` of `kib` KiB each, or as many of them as fit into one payload. */
function largeEvents(name: string, count: number, kib: number, valueOfSize: (bytes: number) => string): TestBatch {
  const value = valueOfSize(kib * KIB);
  return batchOf(
    name,
    Array.from({ length: count }, (_, n) => recordOfMessage(`{"type":"nasty","n":${n},"d":${value}}`)),
    2,
  );
}

function batchOf(name: string, others: readonly SQSRecord[], validCount: number): TestBatch {
  const valid = Array.from({ length: validCount }, (_, n) => recordOf(`valid-${n}`));
  const records = [...valid];
  let bytes = Buffer.byteLength(JSON.stringify({ Records: valid }));
  for (const record of others) {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    if (bytes > MAX_EVENT_BYTES) break;
    records.push(record);
  }
  // Valid events come last: a handler that processes records in order could time out before it reaches them.
  return { name, event: { Records: records.reverse() }, valid };
}

function filled(unit: string): (bytes: number) => string {
  return (bytes) => `[${unit.repeat(bytes / unit.length).slice(0, -1)}]`;
}

function list(count: number, elementOf: (n: number) => string): string {
  return Array.from({ length: Math.floor(count) }, (_, n) => elementOf(n)).join(",");
}

/** Returns text with many similar repetitions, so that a compressor has to compare many candidates. */
function slowToCompress(bytes: number): string {
  const parts: string[] = [];
  for (let n = 0, length = 0; length < bytes; n++) {
    const part = `${"ab".repeat(60)}${String.fromCharCode(97 + (n % 26))}${"a".repeat(n % 97)}`;
    parts.push(part);
    length += part.length;
  }
  return `"${parts.join("").slice(0, bytes)}"`;
}
