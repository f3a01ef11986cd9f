import { readFileSync } from "node:fs";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { DynaliteTable } from "../../helpers/dynalite-table";
import { FakeAws, type WireItem } from "../../helpers/fake-aws";
import { catchOutput } from "../../helpers/output";
import { contextOf, envelopeOf, recordOf } from "../../helpers/sqs-records";
import { canonicalOfWire } from "../../helpers/stored-json";

const RECEIVED = "2026-03-04T05:06:07.890Z";
const sqs = new FakeAws();
let dynalite: DynaliteTable;
let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
let output: ReturnType<typeof catchOutput>;

beforeAll(async () => {
  dynalite = await DynaliteTable.start();
  const sqsEndpoint = await sqs.start();
  Object.assign(process.env, {
    TABLE_NAME: dynalite.tableName,
    DEAD_LETTER_QUEUE_URL: `${sqsEndpoint}/123456789012/events-dlq`,
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.endpoint,
    AWS_ENDPOINT_URL_SQS: sqsEndpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  ({ handler } = await import("../../../lambda-src/event-processor/index"));
});
afterAll(() => Promise.all([dynalite.stop(), sqs.stop()]));
beforeEach(() => {
  sqs.reset();
  output = catchOutput();
});
afterEach(() => output.restore());

/** Has the handler process one body, and returns the item that is then in the table, if any. */
async function itemOfBody(body: string): Promise<WireItem | undefined> {
  const keyOf = ({ event_type, timestamp_id }: WireItem) => `${event_type?.S} ${timestamp_id?.S}`;
  const before = new Set((await dynalite.all()).map(keyOf));
  const response = await handler({ Records: [recordOf(body, { messageId: "sqs-1" })] }, contextOf(10_000));
  expect(response).toEqual({ batchItemFailures: [] });
  return (await dynalite.all()).find((item) => !before.has(keyOf(item)));
}

const asMap = (message: string, expected: unknown) => async () => {
  const item = await itemOfBody(envelopeOf(message));
  expect(item).not.toHaveProperty("data_encoding");
  expect(canonicalOfWire(item?.data ?? {})).toEqual(expected);
  expect(sqs.letters).toEqual([]);
};

const asText =
  (message: string, kept = message) =>
  async () => {
    const item = await itemOfBody(envelopeOf(message));
    expect(item).toMatchObject({ data: { S: kept }, data_encoding: { S: "json" } });
    expect(JSON.parse(kept)).toEqual(JSON.parse(message));
    expect(sqs.letters).toEqual([]);
  };

const withKey = (message: string, expected: object) => async () => {
  const item = await itemOfBody(envelopeOf(message, { MessageId: "sns-1" }));
  expect(item).toMatchObject(expected);
};

const refused = (code: string, body: string) => async () => {
  expect(await itemOfBody(body)).toBeUndefined();
  expect(sqs.letters).toHaveLength(1);
  expect(sqs.letters[0]?.MessageBody).toBe(body);
  expect(sqs.letters[0]?.MessageAttributes).toMatchObject({
    error_code: { DataType: "String", StringValue: code },
    error_message: { DataType: "String", StringValue: expect.stringMatching(/./) },
    original_message_id: { DataType: "String", StringValue: "sqs-1" },
  });
  expect(output.lines()).toContainEqual(expect.objectContaining({ message: "record refused", error_code: code }));
};

const number = (exact: string) => ({ number: exact });
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const WIDE = `{"a":[${Array(105_000).fill("[]").join(",")}]}`;

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  "a JSON object": asMap(
    '{"a": [null, true, "x", {"b": 1.50}]}',
    new Map([["a", [null, true, "x", new Map([["b", number("15e-1")]])]]]),
  ),
  "numbers that a double cannot hold": asMap(
    '{"a": 9007199254740993, "b": -12345678901234567890.123456789012345678, "c": 1e-130}',
    new Map([
      ["a", number("9007199254740993e0")],
      ["b", number("-12345678901234567890123456789012345678e-18")],
      ["c", number("1e-130")],
    ]),
  ),
  "a negative zero": asMap('{"a": -0.0}', new Map([["a", number("0")]])),
  "keys such as constructor": asMap(
    '{"constructor": {"constructor": "x"}, "toString": "y"}',
    new Map<string, unknown>([
      ["constructor", new Map([["constructor", "x"]])],
      ["toString", "y"],
    ]),
  ),
  "a byte order mark before the object": asMap('\uFEFF{"a": "b"}', new Map([["a", "b"]])),
  "a number of more than 38 digits": asText(`{"a": ${"9".repeat(39)}}`),
  "a number beyond 9.99E+125 or below 1E-130": asText('{"a": 1e400, "b": -1e-131}'),
  "more than 31 objects and arrays within each other": async () => {
    const item = await itemOfBody(envelopeOf(nested(31)));
    expect(item).not.toHaveProperty("data_encoding");
    await asText(nested(32))();
    await asText(`{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`)();
  },
  "a lone surrogate in a string or a key": async () => {
    await asText('{"a": "\\uD83D"}')();
    await asText('{"\\uDE00": 1}')();
    await asText('{"a": "x\uD83Dy \u{1F600}"}', '{"a": "x\\ud83dy \u{1F600}"}')();
  },
  "a key `__proto__`": asText('{"a": {"__proto__": {"b": 1}}}'),
  "an empty key": asText('{"": 1}'),
  "a key of more than 65,535 bytes": asText(`{"${"k".repeat(65_536)}": 1}`),
  "an object with a key twice": asText('{"type": "first", "type": "last", "a": {"b": 1, "b": 1}}'),
  "a map over 400 KB whose text is not": asText(WIDE),

  "an event without a type": withKey("{}", { event_type: { S: "unknown" } }),
  "an event without an id": withKey('{"type": "no-id"}', {
    event_id: { S: "sns-1" },
    timestamp_id: { S: `${RECEIVED}#sns-1` },
  }),
  "an id that is a number": withKey('{"id": 12345678901234567890.0}', { event_id: { S: "12345678901234567890.0" } }),
  "a source and an id": withKey('{"source": "a|b", "id": "50%"}', { event_id: { S: "a%7Cb|50%25" } }),
  "a lone surrogate in an id or a source": withKey('{"id": "x\\uD83D"}', {
    event_id: { S: "x%uD83D" },
    data_encoding: { S: "json" },
  }),
  "an id too long for the sort key": withKey(`{"id": "${"x".repeat(1_000)}"}`, {
    event_id: { S: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    data: { M: { id: { S: "x".repeat(1_000) } } },
  }),
  "a time that is not RFC 3339": withKey('{"id": "t", "time": "2026-02-30T00:00:00Z"}', {
    timestamp_id: { S: `${RECEIVED}#t` },
  }),
  "two events of one type, time and identity": async () => {
    const event = { type: "twice", source: "s", id: "1", time: "2026-01-01T00:00:00Z" };
    await itemOfBody(envelopeOf(JSON.stringify({ ...event, n: "first" })));
    await itemOfBody(envelopeOf(JSON.stringify({ ...event, n: "last" })));
    const items = (await dynalite.all()).filter(({ event_type }) => event_type?.S === "twice");
    expect(items).toEqual([expect.objectContaining({ data: { M: expect.objectContaining({ n: { S: "last" } }) } })]);
  },

  "a body that SNS did not write": refused("NOT_AN_ENVELOPE", '{"type": "delivered.raw"}'),
  "a message that is not JSON": refused("NOT_JSON", envelopeOf('{"a": NaN}')),
  "JSON that is no object": refused("NOT_AN_OBJECT", envelopeOf("[]")),
  "a type that is no string": refused("INVALID_TYPE", envelopeOf('{"type": null}')),
  "an empty type": refused("INVALID_TYPE", envelopeOf('{"type": ""}')),
  "a lone surrogate in the type": refused("INVALID_TYPE", envelopeOf('{"type": "\\uD83D"}')),
  "a type of more than 2,048 bytes": refused("KEY_TOO_LONG", envelopeOf(`{"type": "${"ä".repeat(1_025)}"}`)),
  "an item over 400 KB": refused("ITEM_TOO_LARGE", envelopeOf(JSON.stringify({ a: "ä".repeat(204_800) }))),
};

/** First cells of the rows before the section on AWS's answers. */
function documentedRows(): string[] {
  const [decisions = ""] = readFileSync("docs/events.md", "utf8").split("## When AWS answers otherwise");
  const rows = decisions.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| What arrives"));
  return rows.map((row) => String(row.split(" | ")[0]).slice(2));
}

it("tests what docs/events.md says, row by row", () => {
  expect(Object.keys(CASES)).toEqual(documentedRows());
});

it.each(Object.entries(CASES))("%s", (_, check) => check());
