import { parseEnvelope } from "../../../../lambda-src/consumer/envelope";
import { itemBytes, toEventItem } from "../../../../lambda-src/event-processor/read/event-item";
import { envelopeOf } from "../../../helpers/sqs-records";

const RECEIVED = "2026-03-04T05:06:07.890Z";
const itemOf = (event: unknown, days = 90) =>
  toEventItem(
    parseEnvelope(envelopeOf(typeof event === "string" ? event : JSON.stringify(event), { MessageId: "m-1" })),
    days,
  );

describe("toEventItem", () => {
  it("takes type, time and identity from a CloudEvent", () => {
    const event = {
      specversion: "1.0",
      id: "7",
      source: "/scans",
      type: "scan.done",
      time: "2026-01-02T03:04:05+01:00",
    };
    expect(itemOf(event)).toEqual({
      event_type: "scan.done",
      timestamp_id: "2026-01-02T02:04:05.000Z#/scans|7",
      event_id: "/scans|7",
      data: new Map(Object.entries(event)),
      received_at: RECEIVED,
      message_id: "m-1",
      expires_at: Date.parse("2026-03-04T05:06:07Z") / 1_000 + 90 * 86_400,
    });
  });

  it("takes time and identity from SNS where the event has none", () => {
    expect(itemOf("{}")).toMatchObject({ event_type: "unknown", timestamp_id: `${RECEIVED}#m-1`, event_id: "m-1" });
  });

  it("counts the time to live from SNS's receipt, in seconds, and leaves it out for 0", () => {
    const seconds = Math.floor(Date.parse(RECEIVED) / 1_000);
    expect(itemOf({ time: "2020-01-01T00:00:00Z" }, 1).expires_at).toBe(seconds + 86_400);
    expect(itemOf({}, 0)).not.toHaveProperty("expires_at");
  });

  it("refuses a type beyond the partition key's 2,048 bytes", () => {
    expect(itemOf({ type: "x".repeat(2_048) }).event_type).toHaveLength(2_048);
    expect(() => itemOf({ type: `${"x".repeat(2_047)}ä` })).toThrow(
      expect.objectContaining({ code: "KEY_TOO_LONG", message: expect.stringContaining("takes 2049 bytes") }),
    );
  });

  it("keeps every sort key within its 1,024 bytes", () => {
    const { timestamp_id } = itemOf({ id: "x".repeat(999), type: "a" });
    expect(Buffer.byteLength(timestamp_id)).toBe(1_024);
    expect(itemOf({ id: "x".repeat(1_000) }).timestamp_id).toMatch(/Z#sha256:/);
  });

  it("takes an item of 409,600 bytes of UTF-8 and refuses one of 409,601", () => {
    const room = 409_600 - itemBytes(itemOf({ pad: "" }));
    const text = "ä".repeat(Math.floor(room / 2)) + "x".repeat(room % 2);
    expect(itemBytes(itemOf({ pad: text }))).toBe(409_600);
    expect(() => itemOf({ pad: `${text}x` })).toThrow(
      expect.objectContaining({ code: "ITEM_TOO_LARGE", message: expect.stringContaining("takes 4096") }),
    );
  });

  it("keeps as text what fits only so", () => {
    const lists = `{"a": [${Array(105_000).fill("[]").join(",")}]}`;
    expect(itemOf(lists)).toMatchObject({ data: lists, data_encoding: "json" });
  });

  it("keeps as a map what fits only so", () => {
    expect(itemOf(`{${" ".repeat(500_000)}}`)).toMatchObject({ data: new Map() });
  });
});
