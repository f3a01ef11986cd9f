import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { WireItem } from "./fake-aws";
import { canonicalOfJson, canonicalOfWire } from "./stored-json";

/**
 * The expected outcome of a message: how its item stores `data` (`map`, `text` or `gzip`), its item's attributes, the
 * number of items after all messages, or the refusal's code.
 */
export type End =
  | "map"
  | "text"
  | "gzip"
  | { readonly item: (messageId: string) => object }
  | { readonly items: number }
  | { readonly refused: string };

export interface Decision {
  /** Messages in the order of publication. Several messages share a type that no other sample uses. */
  readonly messages: readonly string[];
  readonly end: End;
}

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const matching = (pattern: RegExp) => ({ S: expect.stringMatching(pattern) });
const wide = `{"a":[${Array(9_900).fill("[]").join(",")}],"pad":"${"x".repeat(375_000)}"}`;

function data(end: "map" | "text" | "gzip", ...messages: readonly string[]): Decision {
  return { messages, end };
}

function item(message: string, attributes: object | ((messageId: string) => object)): Decision {
  return {
    messages: [message],
    end: { item: (id) => (typeof attributes === "function" ? attributes(id) : attributes) },
  };
}

function items(count: number, ...events: readonly object[]): Decision {
  return { messages: events.map((event) => JSON.stringify(event)), end: { items: count } };
}

function refused(code: string, ...messages: readonly string[]): Decision {
  return { messages, end: { refused: code } };
}

/** Samples for each row of the decision tables in docs/events.md. */
export const DECISIONS: Readonly<Record<string, Decision>> = {
  "a JSON object": data("map", '{"a": [null, true, "x", {"b": 1.50}]}'),
  "numbers that a double cannot hold": data(
    "map",
    '{"a": 9007199254740993, "b": -12345678901234567890.123456789012345678, "c": 1e-130}',
  ),
  "a negative zero": data("map", '{"a": -0.0}'),
  "keys such as `constructor`": data("map", '{"constructor": {"constructor": "x"}, "toString": "y"}'),
  "a byte order mark before the object": data("map", '\uFEFF{"a": "b"}'),
  "a number of more than 38 digits": data("text", `{"a": ${"9".repeat(39)}}`),
  "a number beyond 9.99E+125 or below 1E-130": data("text", '{"a": 1e400}', '{"a": -1e-131}'),
  "more than 31 nested objects and arrays": data("text", nested(32), `{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`),
  "a lone surrogate in a string or a key": data("text", '{"a": "\\uD83D"}', '{"\\uDE00": 1}'),
  "a key `__proto__`": data("text", '{"a": {"__proto__": {"b": 1}}}'),
  "an empty key": data("text", '{"": 1}'),
  "a key of more than 65,535 bytes": data("text", `{"${"k".repeat(65_536)}": 1}`),
  "an object with a duplicate key": data("text", '{"type": "first", "type": "last", "a": {"b": 1, "b": 1}}'),
  "more than 100 values, plus one per 8 characters": data("text", `{"a":[${Array(400).fill("0").join(",")}]}`),
  "a map of more than 400 KB with a smaller text": data("text", wide),
  "a text of more than 400 KB with a smaller gzip": data("gzip", JSON.stringify({ a: "ä".repeat(204_800) })),

  "an event without a type": item("{}", { event_type: { S: "unknown" } }),
  "an event without an ID": item('{"type": "no-id"}', (messageId) => ({
    event_id: { S: messageId },
    timestamp_id: matching(new RegExp(`^20.{22}#${messageId}$`)),
  })),
  "an event with an ID": item('{"id": "i", "time": "2026-01-01T00:00:00Z"}', {
    event_id: { S: "i" },
    timestamp_id: matching(/^2026-01-01T00:00:00\.000Z#i#[\w-]{22}$/),
  }),
  "an ID that is a number": item('{"id": 12345678901234567890.0}', { event_id: { S: "12345678901234567890.0" } }),
  "a `#` in an ID": item('{"id": "a#b"}', { event_id: { S: "a#b" }, timestamp_id: matching(/#a%23b#[\w-]{22}$/) }),
  "a lone surrogate in an ID": item('{"id": "x\\uD83D"}', { event_id: { S: "x\uFFFD" }, data_encoding: { S: "json" } }),
  "an ID too long for the sort key": item(`{"id": "${"x".repeat(977)}"}`, {
    event_id: matching(/^sha256:[0-9a-f]{64}$/),
    timestamp_id: matching(/#sha256:[0-9a-f]{64}#[\w-]{22}$/),
    data: { M: { id: { S: "x".repeat(977) } } },
  }),
  "a time in RFC 3339": item('{"id": "t", "time": "2026-01-01T01:00:00.1239+01:00"}', {
    timestamp_id: matching(/^2026-01-01T00:00:00\.123Z#t#/),
  }),
  "a time that is a number": item('{"id": "t", "time": 1767225600.1239}', {
    timestamp_id: matching(/^2026-01-01T00:00:00\.123Z#t#/),
  }),
  "a time that is not readable, or null": item('{"id": "t", "time": 17, "timestamp": 1767225600000}', {
    timestamp_id: matching(/^2026-01-01T00:00:00\.000Z#t#/),
  }),
  "no readable time": item('{"id": "t", "time": "2026-02-30T00:00:00Z"}', {
    timestamp_id: matching(/^(?!2026-02)20.{22}#t#/),
  }),
  "one text twice, with its own ID and time": items(1, ...twice({ type: "same", time: "2026-01-01T00:00:00Z" })),
  "one text twice, with an ID but no time": items(2, ...twice({ type: "no-time" })),
  "two texts with the same type, time and ID": items(
    2,
    { type: "two-texts", id: "1", time: "2026-01-01T00:00:00Z", status: "open" },
    { type: "two-texts", id: "1", time: "2026-01-01T00:00:00Z", status: "closed" },
  ),

  "a body that SNS did not write": refused("NOT_AN_ENVELOPE", '{"type": "sent past the topic"}'),
  "a message that is not JSON": refused("NOT_JSON", '{"a": NaN}', '{"a": 1} // comment', '{"cut off'),
  "JSON that is not an object": refused("NOT_AN_OBJECT", "[]"),
  "a type that is not a string": refused("INVALID_TYPE", '{"type": null}'),
  "an empty type": refused("INVALID_TYPE", '{"type": ""}'),
  "a lone surrogate in the type": refused("INVALID_TYPE", '{"type": "\\uD83D"}'),
  "a type of more than 2,048 bytes": refused("KEY_TOO_LONG", `{"type": "${"ä".repeat(1_025)}"}`),
  "a text of more than 400 KB, even as gzip": refused(
    "ITEM_TOO_LARGE",
    JSON.stringify({ a: randomBytes(500_000).toString("base64") }),
  ),
};

function twice(event: object): readonly object[] {
  return [
    { id: "1", ...event },
    { id: "1", ...event },
  ];
}

/** Asserts that an item stores a message in the expected form. */
export function expectStoredData(end: "map" | "text" | "gzip", message: string, item: WireItem | undefined): void {
  const { data, data_encoding: encoding } = item ?? {};
  const text = message.replace(/^\uFEFF/, "");
  if (end === "map") {
    expect(encoding).toBeUndefined();
    expect(canonicalOfWire(data ?? {})).toEqual(canonicalOfJson(text));
    return;
  }
  expect(encoding).toEqual({ S: end === "text" ? "json" : "json+gzip" });
  const binary = data?.B;
  const kept =
    end === "text"
      ? data?.S
      : gunzipSync(typeof binary === "string" ? Buffer.from(binary, "base64") : (binary as Uint8Array)).toString();
  expect(kept).toBe(text);
}

/** Returns the first cell of each row of the decision tables in docs/events.md. */
export function documentedDecisions(): string[] {
  const blocks = readFileSync("docs/events.md", "utf8").split("\n\n");
  const tables = blocks.filter((block) => block.startsWith("| Message |"));
  return tables.flatMap((table) =>
    table
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((row) => String(/^\| (.*?) +\|/.exec(row)?.[1])),
  );
}
