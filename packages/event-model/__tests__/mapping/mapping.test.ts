import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { type MessageAttributes, parseEnvelope } from "../../envelope";
import { eventTypeOf, parseEvent, unreadableTimeIn } from "../../event";
import { toEventItem } from "../../item/item";
import { eventKeyOf } from "../../item/key";
import { JsonNumber } from "../../json";
import { Mapping, type MappingEntry } from "../../mapping/mapping";
import { PRESETS, type PresetName } from "../../mapping/presets";

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

function attributesOf(values: Readonly<Record<string, string>>, type = "String"): MessageAttributes {
  return new Map(Object.entries(values).map(([name, value]) => [name, { type, value }]));
}

function read(event: unknown, entries: readonly MappingEntry[], attributes?: MessageAttributes) {
  const message = typeof event === "string" ? event : JSON.stringify(event);
  return parseEvent({ message, ...(attributes && { attributes }) }, { mapping: new Mapping(entries) });
}

const CE = {
  "ce-specversion": "1.0",
  "ce-id": "1",
  "ce-source": "/a",
  "ce-type": "beat",
  "ce-time": "2026-01-02T03:04:05Z",
};

/** Names and values that presets look for, and hostile ones. */
const name = fc.constantFrom(
  ...["type", "id", "time", "timestamp", "specversion", "source", "object", "data", "created", "messageId", "event"],
  ...["version", "account", "detail", "detail-type", "Records", "eventSource", "eventName", "s3", "__proto__", "", "0"],
);
const text = fc.oneof(
  fc.constantFrom("1.0", "0", "event", "evt_1", "track", "page", "aws:s3", "2026-01-02T03:04:05Z", "\ud800", ""),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const { event: anyEvent } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("event"),
  ),
  event: fc.array(fc.tuple(name, tie("value")), { maxLength: 8 }).map(
    // Members may have the same name.
    (members) => new Raw(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`).join(",")}}`),
  ),
}));
class Raw {
  constructor(readonly json: string) {}
}
function jsonOf(value: unknown): string {
  if (value instanceof Raw) return value.json;
  return Array.isArray(value) ? `[${value.map(jsonOf).join(",")}]` : JSON.stringify(value);
}
const anyText = anyEvent.map((event) => jsonOf(event));
const anyAttributes = fc
  .array(
    fc.tuple(
      fc.constantFrom(...Object.keys(CE), "X-GitHub-Event", "X-GitHub-Delivery", "__proto__", "kind"),
      fc.record({
        type: fc.constantFrom("String", "String.Array", "Number", "Number.float", "Binary"),
        value: fc.oneof(text, fc.constantFrom("1767323045", "abc", "-", "1e999999999", "0x10", " 1")),
      }),
    ),
    { maxLength: 8 },
  )
  .map((entries) => new Map(entries));
const place = fc.oneof(
  fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.map((each) => `/${each}`).join("")),
  fc.constantFrom("attribute:kind", "attribute:ce-type", "attribute:__proto__"),
);
const places = fc.array(place, { minLength: 1, maxLength: 3 });
const rule = fc.record({ type: places, id: places, time: places }, { requiredKeys: ["type"] });
const anyEntries = fc.array(fc.oneof(fc.constantFrom(...PRESET_NAMES), rule), { maxLength: 6 });

describe("a mapping", () => {
  it("reads the same from the same envelope, and the first entry that claims the event decides", () => {
    fc.assert(
      fc.property(anyText, anyAttributes, anyEntries, (message, attributes, entries) => {
        const identityBy = (some: readonly MappingEntry[]) => {
          const { type, id, time, unreadableTime, scope, mappedBy } = read(message, some, attributes);
          return { identity: { type, id, time, unreadableTime, scope }, isMapped: mappedBy !== undefined };
        };
        const all = identityBy(entries);
        expect(identityBy(entries)).toEqual(all);
        const alone = entries.map((entry) => identityBy([entry])).find(({ isMapped }) => isMapped);
        expect(all).toEqual(alone ?? identityBy([]));
        // Later entries change nothing.
        if (all.isMapped) expect(identityBy([...entries, ...PRESET_NAMES])).toEqual(all);
      }),
    );
  });

  it("stores or refuses every event with any attributes", () => {
    fc.assert(
      fc.property(anyText, anyAttributes, anyEntries, (message, attributes, entries) => {
        const envelope = { ...parseEnvelope(envelopeOf(message)), attributes };
        const event = parseEvent(envelope, { mapping: new Mapping(entries) });
        let item: ReturnType<typeof toEventItem>["item"];
        try {
          ({ item } = toEventItem(envelope, event, 90));
        } catch (error) {
          expect(error).toMatchObject({ code: "INVALID_TYPE" });
          return;
        }
        expect(item.event_id).not.toBe("");
        expect(item.timestamp_id.isWellFormed() && item.event_id.isWellFormed()).toBe(true);
      }),
    );
  });

  it("does not depend on how many values the tree may have", () => {
    const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"kind":"k","detail":{"id":7}}`;
    const entries = [{ type: ["/kind"], id: ["/detail/id"] }];
    expect(read(deep, entries)).toMatchObject({ type: "k", id: new JsonNumber("7"), value: undefined });
  });

  it.each(["7", "null", '""', "[]", "{}", "true"])("continues with the next place if a type is %s", (json) => {
    const event = `{"a":${json},"b":"second","type":"own"}`;
    expect(read(event, [{ type: ["/a", "/b"] }]).type).toBe("second");
    expect(read(event, [{ type: ["/a"] }])).toMatchObject({ type: "own", mappedBy: undefined });
    expect(read(event, [{ type: ["/a"] }, { type: ["/b"] }])).toMatchObject({ type: "second", mappedBy: "rule 2" });
  });

  it.each([
    ["/a~1b/~0/1", '{"a/b":{"~":["no","yes"]}}'],
    ["/", '{"":"yes"}'],
    ["/__proto__/constructor", '{"__proto__":{"constructor":"yes"}}'],
    ["/~01", '{"~1":"yes","/":"no"}'],
  ])("reads the type at %s", (pointer, message) => {
    expect(read(message, [{ type: [pointer] }]).type).toBe("yes");
    expect(read("{}", [{ type: [pointer] }]).mappedBy).toBeUndefined();
  });

  it("refuses a mapped type that cannot be a key", () => {
    expect(() => eventTypeOf(read('{"kind":"\\ud800"}', [{ type: ["/kind"] }]))).toThrow(
      expect.objectContaining({ code: "INVALID_TYPE" }),
    );
  });

  it("uses the last member of the same name", () => {
    expect(read('{"a":{"k":"first"},"a":{"k":"last"}}', [{ type: ["/a/k"] }]).type).toBe("last");
    expect(read('{"a":{"k":"first"},"a":{}}', [{ type: ["/a/k"] }]).mappedBy).toBeUndefined();
  });

  it.each([
    ["Number", "1767323045", "2026-01-02T03:04:05.000Z"],
    ["Number.custom", "1767323045678", "2026-01-02T03:04:05.678Z"],
    ["String", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
    // A text of digits may be a date.
    ["String", "1767323045", undefined],
    ["Number", "abc", undefined],
    ["Number", "01767323045", undefined],
  ])("reads the time from an attribute of the type %s: %s", (type, value, time) => {
    const attributes = attributesOf({ at: value }, type);
    const mapping = new Mapping([{ type: ["/t"], time: ["attribute:at"] }]);
    const published = { message: '{"t":"x"}', attributes };
    expect(parseEvent(published, { mapping }).time?.toISOString()).toBe(time);
    expect(unreadableTimeIn(published, mapping)?.member).toBe(time === undefined ? "attribute:at" : undefined);
  });

  it.each(["String.Array", "Binary", "Binary.gif", "Numbers"])(
    "reads no type, ID or time from an attribute of the type %s",
    (type) => {
      const attributes = attributesOf({ ...CE, "X-GitHub-Event": "push", "X-GitHub-Delivery": "d" }, type);
      const rule = { type: ["attribute:ce-type"] };
      expect(read("{}", ["cloudevents", "github", rule], attributes).mappedBy).toBeUndefined();
      const places = { type: ["/t"], id: ["attribute:ce-id", "/id"], time: ["attribute:ce-time", "/at"] };
      expect(read({ t: "x", id: "own", at: 1767323045 }, [places], attributes)).toMatchObject({
        id: "own",
        time: new Date("2026-01-02T03:04:05Z"),
        unreadableTime: undefined,
      });
    },
  );

  it("reads an attribute of the type Number as an ID, also if its text is not a number", () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom("+5", ".5", "NaN", "1e999")), (value) => {
        const envelope = {
          ...parseEnvelope(envelopeOf('{"t":"x"}')),
          attributes: attributesOf({ n: value }, "Number"),
        };
        const event = parseEvent(envelope, { mapping: new Mapping([{ type: ["/t"], id: ["attribute:n"] }]) });
        expect(eventKeyOf(event, envelope).event_id).toBe(value === "" ? envelope.messageId : value.toWellFormed());
      }),
    );
  });

  it("names the place of an unreadable time, and reads the next", () => {
    const rule = { type: ["/t"], time: ["/a/at", "/b"] };
    expect(read('{"t":"x","a":{"at":"soon"}}', [rule]).unreadableTime).toEqual({ member: "/a/at", value: '"soon"' });
    expect(read('{"t":"x","a":{"at":"soon"},"b":1767323045}', [rule]).unreadableTime).toBeUndefined();
  });
});

describe("keys", () => {
  const keyOf = (message: string, entries: readonly MappingEntry[], attributes?: MessageAttributes) => {
    const envelope = { ...parseEnvelope(envelopeOf(message)), ...(attributes && { attributes }) };
    return eventKeyOf(parseEvent(envelope, { mapping: new Mapping(entries) }), envelope).timestamp_id;
  };

  it("differ for binary CloudEvents with the same ID and text from different sources", () => {
    const of = (source: string) => keyOf("{}", ["cloudevents"], attributesOf({ ...CE, "ce-source": source }));
    expect(of("/a")).toBe(of("/a"));
    expect(of("/a")).not.toBe(of("/b"));
  });

  it("have an S3 object's ID from which each part can be read", () => {
    // A bucket, a version and a sequencer have no slash. A key can have any.
    const unit = fc.constantFrom("a", "1", "%2B", "+");
    const part = fc.option(fc.string({ unit, minLength: 1, maxLength: 3 }), { nil: undefined });
    const anyKey = fc.string({ unit: fc.oneof(unit, fc.constant("/")), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyKey, part, part, (key, versionId, sequencer) => {
        const s3 = { bucket: { name: "b.c" }, object: { key, versionId, sequencer } };
        const { id } = read({ Records: [{ eventSource: "aws:s3", eventName: "e", s3 }] }, ["s3-notification"]);
        const [bucket, ...rest] = String(id).split("/");
        const [version, order] = rest.splice(-2);
        expect([bucket, rest.join("/"), version, order]).toEqual(["b.c", key, versionId ?? "", sequencer ?? ""]);
      }),
    );
  });

  it("have the hash of an S3 object's ID whose key has 1,024 bytes", () => {
    const of = (last: string) => {
      const s3 = { bucket: { name: "b" }, object: { key: "%2B".repeat(1_023) + last, sequencer: "1" } };
      return keyOf(JSON.stringify({ Records: [{ eventSource: "aws:s3", eventName: "e", s3 }] }), ["s3-notification"]);
    };
    expect(of("a")).toMatch(/#sha256:[\da-f]{64}#/);
    expect(of("a").split("#")[1]).not.toBe(of("b").split("#")[1]);
  });

  it("differ for S3 notifications of other records, and are equal for a repeated one", () => {
    const notification = (key: string, more: readonly object[] = []) => {
      const s3 = { bucket: { name: "b" }, object: { key, sequencer: "1" } };
      const record = {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        eventTime: "2026-01-02T03:04:05.678Z",
        s3,
      };
      return JSON.stringify({ Records: [record, ...more] });
    };
    const of = (...args: Parameters<typeof notification>) => keyOf(notification(...args), ["s3-notification"]);
    expect(of("k")).toBe(of("k"));
    expect(new Set([of("k"), of("k/1"), of("k", [{}])]).size).toBe(3);
  });
});
