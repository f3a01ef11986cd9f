import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { itemOf, itemOfEvent, sizedItemOf } from "@event-pipeline/testing/items";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { parseEnvelope } from "../../envelope";
import { type AttributeName, ITEM_ATTRIBUTES } from "../../item/attributes";
import { wireItemOf } from "../../item/item";

const bytesOf = (event: object) =>
  sizedItemOf(parseEnvelope(envelopeOf(JSON.stringify(event), { MessageId: "m-1" }))).bytes;
const RECEIVED = "2026-03-04T05:06:07.890Z";

describe("toEventItem", () => {
  it("uses the type, time and ID of a CloudEvent", () => {
    const event = {
      specversion: "1.0",
      id: "7",
      source: "/scans",
      type: "scan.done",
      time: "2026-01-02T03:04:05+01:00",
    };
    expect(itemOfEvent(event)).toEqual({
      event_type: "scan.done",
      timestamp_id: expect.stringMatching(/^2026-01-02T02:04:05\.000Z#7#[\w-]{22}$/),
      event_id: "7",
      data: { M: Object.fromEntries(Object.entries(event).map(([name, text]) => [name, { S: text }])) },
      received_at: RECEIVED,
      message_id: "m-1",
      expires_at: Date.parse("2026-03-04T05:06:07Z") / 1_000 + 90 * 86_400,
    });
  });

  it("computes the expiry in epoch seconds from SNS's receipt, and omits it for 0 days", () => {
    const seconds = Math.floor(Date.parse(RECEIVED) / 1_000);
    expect(itemOfEvent({ time: "2020-01-01T00:00:00Z" }, 1).expires_at).toBe(seconds + 86_400);
    expect(itemOfEvent({}, 0)).not.toHaveProperty("expires_at");
  });

  it("stores an item of 409,600 bytes as text, and compresses an item of 409,601 bytes", () => {
    const room = 409_600 - bytesOf({ pad: "" });
    const text = "ä".repeat(Math.floor(room / 2)) + "x".repeat(room % 2);
    expect(bytesOf({ pad: text })).toBe(409_600);
    expect(itemOfEvent({ pad: text }).data).toHaveProperty("M");
    const { data, data_encoding } = itemOfEvent({ pad: `${text}x` });
    expect(data_encoding).toBe("json+gzip");
    expect(JSON.parse(gunzipSync(data.B ?? "").toString())).toEqual({ pad: `${text}x` });
  });

  it("refuses an event that is too large even compressed, and names its prefix in the archive", () => {
    expect(() => itemOfEvent({ pad: randomBytes(500_000).toString("base64") })).toThrow(
      expect.objectContaining({
        code: "ITEM_TOO_LARGE",
        message: expect.stringContaining("raw/year=2026/month=03/day=04/hour=05/"),
      }),
    );
  });

  it("compresses lone surrogates as equivalent escapes", () => {
    const text = `{"a":"\ud83d","pad":"${"x".repeat(500_000)}"}`;
    const { data } = itemOfEvent(text);
    expect(JSON.parse(gunzipSync(data.B ?? "").toString())).toEqual(JSON.parse(text));
  });

  it("stores an event as text if it is too large or has too many values for a map", () => {
    const wide = `{"a":[${Array(9_900).fill("[]").join(",")}],"pad":"${"x".repeat(375_000)}"}`;
    expect(itemOfEvent(wide)).toMatchObject({ data: { S: wide }, data_encoding: "json" });
    // The limit is 100 values plus 1 per 8 characters. An event with 131 zeros has 269 characters and 133 values.
    const zeros = (count: number) => `{"a":[${Array(count).fill("0").join(",")}]}`;
    expect(zeros(131)).toHaveLength(269);
    expect(itemOfEvent(zeros(131)).data).toHaveProperty("M");
    expect(itemOfEvent(zeros(132))).toMatchObject({ data: { S: zeros(132) }, data_encoding: "json" });
  });

  it("stores an event as a map if it fits only as a map", () => {
    expect(itemOfEvent(`{${" ".repeat(500_000)}}`)).toMatchObject({ data: { M: {} } });
  });

  describe("with a Subject and message attributes", () => {
    const itemWith = (message: string, overrides: Readonly<Record<string, unknown>>) =>
      sizedItemOf(parseEnvelope(envelopeOf(message, { MessageId: "m-1", ...overrides })));
    const attributesOf = (values: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(values).map(([name, Value]) => [name, { Type: "String", Value }]));

    it("keeps them, except names that a map cannot hold", () => {
      const MessageAttributes = JSON.parse(
        '{"__proto__":{"Type":"String","Value":"a"},"":{"Type":"String","Value":"b"}}',
      );
      Object.assign(MessageAttributes, attributesOf({ agent: "\ud800", "\ud800": "c", constructor: "d" }));
      const { item } = itemWith("{}", { Subject: "a \ud800", MessageAttributes });
      expect([item.subject, item.attributes]).toEqual(["a \ufffd", { agent: "\ufffd", constructor: "d" }]);
      expect(wireItemOf(item)).toMatchObject({
        attributes: { M: { agent: { S: "\ufffd" }, constructor: { S: "d" } } },
      });
    });

    it.each([
      [1_000, 1_000],
      [1_001, 0],
    ])("keeps, from %i attributes, %i", (count, kept) => {
      const values = Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, ""]));
      const { item } = itemWith("{}", { MessageAttributes: attributesOf(values) });
      expect(Object.keys(item.attributes ?? {})).toHaveLength(kept);
    });

    it("counts them as DynamoDB does, and leaves them out from 409,601 bytes", () => {
      // In base64, noise is a third larger than its gzip.
      const noise = randomBytes(250_000).toString("base64");
      const event = JSON.stringify({ noise });
      const mapBytes = itemWith(event, {}).bytes;
      expect(itemWith(event, {}).item.data).toHaveProperty("M");
      const withPad = (length: number) =>
        itemWith(event, { Subject: "é", MessageAttributes: attributesOf({ ö: "x".repeat(length) }) });
      const compressed = withPad(409_600 - mapBytes + 1_000);
      expect(compressed.item).toMatchObject({ data_encoding: "json+gzip", subject: "é" });
      const room = 409_600 - compressed.bytes + (compressed.item.attributes?.ö ?? "").length;
      const largest = withPad(room);
      expect([largest.bytes, largest.item.subject]).toEqual([409_600, "é"]);
      const without = withPad(room + 1).item;
      expect([without.subject, without.attributes]).toEqual([undefined, undefined]);
      expect(without).toEqual(itemWith(event, {}).item);
    });

    it("adds the bytes of the names, the values, the map and each of its members", () => {
      const { bytes } = itemWith("{}", {});
      expect(itemWith("{}", { Subject: "é" }).bytes - bytes).toBe("subject".length + 2);
      const MessageAttributes = attributesOf({ ö: "ab", c: "" });
      expect(itemWith("{}", { MessageAttributes }).bytes - bytes).toBe("attributes".length + 3 + (1 + 2 + 2) + (1 + 1));
    });
  });

  it("gives each attribute at most the size that ITEM_ATTRIBUTES allows", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 600 }),
      fc.string({ minLength: 950, maxLength: 1_200 }),
    );
    const messageId = fc.stringMatching(/^[!-"$-~]{1,100}$/);
    const time = fc.constantFrom("9999-12-31T23:59:59Z", "2026-01-02T03:04:05Z");
    const Timestamp = fc.constantFrom("9999-12-31T23:59:59.999Z", "2026-01-02T03:04:05.678Z");
    fc.assert(
      fc.property(
        fc.record({ type: text.filter(Boolean), id: text, time }),
        messageId,
        Timestamp,
        (event, MessageId, at) => {
          const envelope = parseEnvelope(envelopeOf(JSON.stringify(event), { MessageId, Timestamp: at }));
          for (const [name, value] of Object.entries(itemOf(envelope, 36_500))) {
            if (name === "data") continue;
            expect(Buffer.byteLength(String(value))).toBeLessThanOrEqual(
              ITEM_ATTRIBUTES[name as AttributeName].maxBytes,
            );
          }
        },
      ),
    );
  });
});
