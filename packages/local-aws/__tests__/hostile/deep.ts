import { cbor } from "@smithy/core/cbor";
import fc from "fast-check";
import { signedFor } from "../gateway/raw";
import type { HostileRequest } from "./send";

const KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

const times = fc.constantFrom(1_000, 30_000, 200_000);

/** Generates CBOR with a few wrong bytes. */
export function mutatedCbor(input: object): fc.Arbitrary<Uint8Array> {
  const valid = cbor.serialize(input);
  const changes = fc.array(fc.tuple(fc.nat(Math.max(0, valid.length - 1)), fc.nat(255)), { maxLength: 3 });
  return fc.tuple(changes, fc.nat(valid.length)).map(([bytes, length]) => {
    const body = Uint8Array.from(valid);
    for (const [index, byte] of bytes) body[index] = byte;
    return length % 5 === 0 ? body.subarray(0, length) : body;
  });
}

/** Generates a form with some parameters missing, doubled, or under other names. */
export function formOf(input: object): fc.Arbitrary<string> {
  const pairs = pairsOf(input, "");
  const name = fc.constantFrom(
    ...pairs.map(([each]) => each),
    ...KEYS,
    "a.b",
    "Entry..1",
    "member.-1",
    ".",
    "Tag.1.Key.1",
  );
  const value = fc.oneof(fc.string(), fc.constantFrom("-1", "NaN", "%", "\u0000", "x".repeat(3_000)));
  return fc
    .tuple(
      fc.subarray(pairs, { minLength: Math.min(2, pairs.length) }),
      fc.array(fc.tuple(name, value), { maxLength: 3 }),
    )
    .map(([kept, more]) => new URLSearchParams([...kept, ...more]).toString());
}

function pairsOf(value: unknown, name: string): [string, string][] {
  if (Array.isArray(value)) {
    return value.flatMap((element, index) => [
      ...pairsOf(element, `${name}.${index + 1}`),
      ...pairsOf(element, `${name}.member.${index + 1}`),
    ]);
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => pairsOf(inner, name === "" ? key : `${name}.${key}`));
}

/** Generates XML that is not well-formed, has unexpected elements, or declares entities. */
export const mutatedXml: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "<Delete><Object><Key>a</Key></Object></Delete>",
    "<Delete><Object><Key>a</Object></Delete>",
    "<Delete/><Delete/>",
    "<Delete>&lol;</Delete>",
    '<!DOCTYPE Delete [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Delete>&b;</Delete>',
    '<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
    "<Delete><Object><__proto__>a</__proto__></Object></Delete>",
    "<VersioningConfiguration><Status><Status/></Status></VersioningConfiguration>",
    "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
    "<CreateBucketConfiguration>\u0000</CreateBucketConfiguration>",
    "\ufeff<Delete xmlns:a='b'><a:Object a:b='c'/></Delete>",
  ),
  fc.string().map((text) => `<Delete>${text}</Delete>`),
);

/** Generates bodies with many levels, elements or names. */
const bodies: Readonly<Record<string, (count: number) => string | Uint8Array>> = {
  "deep JSON": (count) => "[".repeat(count),
  "deep JSON objects": (count) => `${'{"QueueUrl":'.repeat(count)}1${"}".repeat(count)}`,
  "a long list": (count) => JSON.stringify({ QueueUrl: "q", Entries: Array.from({ length: count }, () => null) }),
  "many members": (count) => `{${Array.from({ length: count }, (_, index) => `"${index}":1`).join()}}`,
  "prototype keys": () => `{${KEYS.map((key) => `"${key}":{"a":1}`).join()},"Attributes":{"__proto__":"x"}}`,
  "deep CBOR": (count) => Buffer.alloc(count, 0x81),
  "deep CBOR maps": (count) => Buffer.alloc(count, Buffer.from([0xa1, 0x61, 0x61])),
  "tags of CBOR": (count) => Buffer.alloc(count, 0xc1),
  "a huge length in CBOR": () => Buffer.from([0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  "a huge list in CBOR": () => Buffer.from([0x9a, 0xff, 0xff, 0xff, 0xff]),
  "huge text in CBOR": () => Buffer.from([0x7b, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff]),
  "indefinite CBOR": (count) => Buffer.alloc(count, 0x9f),
  "deep XML": (count) => "<a>".repeat(count),
  "wide XML": (count) => `<Delete>${"<Object><Key>a</Key></Object>".repeat(count / 10)}</Delete>`,
  "many attributes": (count) =>
    `<Delete ${Array.from({ length: count / 10 }, (_, index) => `a${index}=""`).join(" ")}/>`,
  "a form with a deep name": (count) => `Action=ListTopics&Version=2010-03-31&${"a.".repeat(count)}=1`,
  "a form with many names": (count) =>
    `Action=ListTopics&Version=2010-03-31&${Array.from({ length: count / 10 }, (_, index) => `a.${index}.b=1`).join("&")}`,
  "text that is not UTF-8": (count) => Buffer.alloc(count, 0xff),
};

const heads: readonly Omit<HostileRequest, "body">[] = [
  { method: "POST", path: "/", headers: { "x-amz-target": "AmazonSQS.SendMessageBatch" } },
  { method: "POST", path: "/", headers: { "x-amz-target": "GraniteServiceVersion20100801.PutMetricData" } },
  { method: "POST", path: "/", headers: { "x-amz-target": "Logs_20140328.PutLogEvents" } },
  { method: "POST", path: "/", headers: { "x-amz-target": "DynamoDB_20120810.PutItem" } },
  {
    method: "POST",
    path: "/service/GraniteServiceVersion20100801/operation/PutMetricData",
    headers: { "smithy-protocol": "rpc-v2-cbor" },
  },
  { method: "POST", path: "/", headers: { "content-type": "application/x-www-form-urlencoded" } },
  { method: "POST", path: "/scratch?delete", headers: { authorization: "s3" } },
  { method: "POST", path: "/2015-03-31/event-source-mappings", headers: { authorization: "lambda" } },
];

export const deepRequest: fc.Arbitrary<HostileRequest> = fc
  .record({ head: fc.constantFrom(...heads), body: fc.constantFrom(...Object.values(bodies)), count: times })
  .map(({ head, body, count }) => {
    const { authorization: service, ...headers } = head.headers;
    return {
      ...head,
      headers: { ...headers, ...(service !== undefined && { authorization: signedFor(service) }) },
      body: body(count),
    };
  });
