import { documentedDecisions } from "../../helpers/decisions";
import { HandlerWithTable } from "../../helpers/handler-with-table";
import { envelopeOf } from "../../helpers/sqs-records";

const underTest = new HandlerWithTable();

const number = (exact: string) => ({ number: exact });
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const WIDE = `{"a":[${Array(105_000).fill("[]").join(",")}]}`;

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  "a JSON object": underTest.asMap(
    '{"a": [null, true, "x", {"b": 1.50}]}',
    new Map([["a", [null, true, "x", new Map([["b", number("15e-1")]])]]]),
  ),
  "numbers that a double cannot hold": underTest.asMap(
    '{"a": 9007199254740993, "b": -12345678901234567890.123456789012345678, "c": 1e-130}',
    new Map([
      ["a", number("9007199254740993e0")],
      ["b", number("-12345678901234567890123456789012345678e-18")],
      ["c", number("1e-130")],
    ]),
  ),
  "a negative zero": underTest.asMap('{"a": -0.0}', new Map([["a", number("0")]])),
  "keys such as constructor": underTest.asMap(
    '{"constructor": {"constructor": "x"}, "toString": "y"}',
    new Map<string, unknown>([
      ["constructor", new Map([["constructor", "x"]])],
      ["toString", "y"],
    ]),
  ),
  "a byte order mark before the object": underTest.asMap('\uFEFF{"a": "b"}', new Map([["a", "b"]])),
  "a number of more than 38 digits": underTest.asText(`{"a": ${"9".repeat(39)}}`),
  "a number beyond 9.99E+125 or below 1E-130": underTest.asText('{"a": 1e400, "b": -1e-131}'),
  "more than 31 objects and arrays within each other": async () => {
    const item = await underTest.itemOfBody(envelopeOf(nested(31)));
    expect(item).not.toHaveProperty("data_encoding");
    await underTest.asText(nested(32))();
    await underTest.asText(`{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`)();
  },
  "a lone surrogate in a string or a key": async () => {
    await underTest.asText('{"a": "\\uD83D"}')();
    await underTest.asText('{"\\uDE00": 1}')();
    await underTest.asText('{"a": "x\uD83Dy \u{1F600}"}', '{"a": "x\\ud83dy \u{1F600}"}')();
  },
  "a key `__proto__`": underTest.asText('{"a": {"__proto__": {"b": 1}}}'),
  "an empty key": underTest.asText('{"": 1}'),
  "a key of more than 65,535 bytes": underTest.asText(`{"${"k".repeat(65_536)}": 1}`),
  "an object with a key twice": underTest.asText('{"type": "first", "type": "last", "a": {"b": 1, "b": 1}}'),
  "a map over 400 KB whose text is not": underTest.asText(WIDE),

  "an event without a type": underTest.withKey("{}", { event_type: { S: "unknown" } }),
  "an event without an id": underTest.withKey('{"type": "no-id"}', {
    event_id: { S: "sns-1" },
    timestamp_id: { S: "2026-03-04T05:06:07.890Z#sns-1" },
  }),
  "an id that is a number": underTest.withKey('{"id": 12345678901234567890.0}', {
    event_id: { S: "12345678901234567890.0" },
  }),
  "a source and an id": underTest.withKey('{"source": "a|b", "id": "50%"}', { event_id: { S: "a%7Cb|50%25" } }),
  "a lone surrogate in an id or a source": underTest.withKey('{"id": "x\\uD83D"}', {
    event_id: { S: "x%uD83D" },
    data_encoding: { S: "json" },
  }),
  "an id too long for the sort key": underTest.withKey(`{"id": "${"x".repeat(1_000)}"}`, {
    event_id: { S: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    data: { M: { id: { S: "x".repeat(1_000) } } },
  }),
  "a time that is not RFC 3339": underTest.withKey('{"id": "t", "time": "2026-02-30T00:00:00Z"}', {
    timestamp_id: { S: "2026-03-04T05:06:07.890Z#t" },
  }),
  "two events of one type, time and identity": async () => {
    const event = { type: "twice", source: "s", id: "1", time: "2026-01-01T00:00:00Z" };
    await underTest.itemOfBody(envelopeOf(JSON.stringify({ ...event, n: "first" })));
    await underTest.itemOfBody(envelopeOf(JSON.stringify({ ...event, n: "last" })));
    const items = (await underTest.items()).filter(({ event_type }) => event_type?.S === "twice");
    expect(items).toEqual([expect.objectContaining({ data: { M: expect.objectContaining({ n: { S: "last" } }) } })]);
  },

  "a body that SNS did not write": underTest.refused("NOT_AN_ENVELOPE", '{"type": "delivered.raw"}'),
  "a message that is not JSON": underTest.refused("NOT_JSON", envelopeOf('{"a": NaN}')),
  "JSON that is no object": underTest.refused("NOT_AN_OBJECT", envelopeOf("[]")),
  "a type that is no string": underTest.refused("INVALID_TYPE", envelopeOf('{"type": null}')),
  "an empty type": underTest.refused("INVALID_TYPE", envelopeOf('{"type": ""}')),
  "a lone surrogate in the type": underTest.refused("INVALID_TYPE", envelopeOf('{"type": "\\uD83D"}')),
  "a type of more than 2,048 bytes": underTest.refused("KEY_TOO_LONG", envelopeOf(`{"type": "${"ä".repeat(1_025)}"}`)),
  "an item over 400 KB": underTest.refused("ITEM_TOO_LARGE", envelopeOf(JSON.stringify({ a: "ä".repeat(204_800) }))),
};

it("tests what docs/events.md says, row by row", () => {
  expect(Object.keys(CASES)).toEqual(documentedDecisions());
});

it.each(Object.entries(CASES))("%s", (_, check) => check());
