import fc from "fast-check";
import { parseEnvelope } from "../envelope";
import { parseEvent, unreadableTimeIn } from "../event";
import { describeUnreadableTime, parseEpoch } from "../event-time";
import { eventKeyOf, formerKeyOf } from "../item/key";

const [A, B] = ["2026-01-02T03:04:05.000Z", "2025-01-02T03:04:05.000Z"];
const EARLIEST = Date.parse("2001-09-09T01:46:40Z");
const LATEST = Date.parse("2286-11-20T17:46:39.999Z");

const timeIn = (text: string) => parseEvent({ message: text }).time?.toISOString();

describe("the time of an event", () => {
  it.each([
    [{ time: A, timestamp: B }, A],
    [{ timestamp: B }, B],
    [{ time: "yesterday", timestamp: B }, B],
    [{ time: null, timestamp: B }, B],
    [{ time: 1_767_323_045, timestamp: B }, A],
    [{ time: 17, timestamp: 1_767_323_045_000 }, A],
    [{ time: "yesterday" }, undefined],
    [{}, undefined],
  ])("from %j is %s", (event, expected) => {
    expect(timeIn(JSON.stringify(event))).toBe(expected);
  });

  it("is the last of several members with the same name", () => {
    expect(timeIn(`{"time":"${A}","time":17,"time":1735787045}`)).toBe(B);
    expect(unreadableTimeIn({ message: `{"time":"${A}","time":17}` })).toEqual({ member: "time", value: "17" });
  });

  it.each([
    ['{"time":"2024-01-02T03:04:05"}', "time", '"2024-01-02T03:04:05"'],
    ['{"timestamp":"2024-01-02T03:04:05+0000"}', "timestamp", '"2024-01-02T03:04:05+0000"'],
    ['{"time":"2024-01-02T03:04Z"}', "time", '"2024-01-02T03:04Z"'],
    ['{"time":"2024-02-30T00:00:00Z"}', "time", '"2024-02-30T00:00:00Z"'],
    ['{"time":"1767323045"}', "time", '"1767323045"'],
    ['{"time":""}', "time", '""'],
    ['{"time":{"seconds":1767323045}}', "time", '{"seconds":1767323045}'],
    ['{"time":[1],"timestamp":false}', "time", "[1]"],
    ['{"time":null,"timestamp":-1}', "timestamp", "-1"],
    [`{"time":${"9".repeat(200)}}`, "time", `${"9".repeat(99)}…`],
  ])("from %s is not readable", (event, member, value) => {
    const unreadable = unreadableTimeIn({ message: event });
    expect([unreadable, timeIn(event)]).toEqual([{ member, value }, undefined]);
    expect(unreadable && describeUnreadableTime(unreadable)).toContain(value);
  });

  it.each(['{"time":"yesterday","timestamp":1767323045}', '{"time":null,"timestamp":null}', "{}", "[]", "no JSON"])(
    "from %s is not unreadable",
    (event) => {
      expect(unreadableTimeIn({ message: event })).toBeUndefined();
    },
  );
});

describe("parseEpoch", () => {
  /** Ways to write a decimal number of `digits`, of which `whole` are before the decimal point. */
  const notations = (digits: string, whole: number): string[] => {
    const [integer, fraction] = [digits.slice(0, whole), digits.slice(whole)];
    return [
      fraction === "" ? integer : `${integer}.${fraction}`,
      `${integer}.${fraction}000`,
      `${digits[0]}.${digits.slice(1)}E${whole - 1}`,
      `${digits}e-${fraction.length}`,
      `${digits}00e-${fraction.length + 2}`,
      `0.${digits}e+${whole}`,
    ];
  };

  it("parses seconds, milliseconds, microseconds and nanoseconds in any notation, truncated to milliseconds", () => {
    const unit = fc.constantFrom(10, 13, 16, 19);
    // Many nines, because a double would round them up.
    const fraction = fc.oneof(fc.stringMatching(/^\d{0,30}$/), fc.stringMatching(/^9{0,30}$/));
    fc.assert(
      fc.property(fc.integer({ min: EARLIEST, max: LATEST }), unit, fraction, (ms, whole, more) => {
        // Seconds have a fraction; the smaller units have more digits than the milliseconds.
        const digits = (String(ms) + more).padEnd(whole, "0");
        for (const source of notations(digits, whole))
          expect([source, parseEpoch(source)?.getTime()]).toEqual([source, ms]);
      }),
    );
  });

  it("parses neither numbers with other digits before the decimal point nor negative numbers", () => {
    const whole = fc.integer({ min: 1, max: 40 }).filter((count) => ![10, 13, 16, 19].includes(count));
    fc.assert(
      fc.property(whole, fc.stringMatching(/^[1-9]\d{40,60}$/), (count, digits) => {
        for (const source of notations(digits, count))
          expect([source, parseEpoch(source)]).toEqual([source, undefined]);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LATEST }), (ms) => {
        expect(parseEpoch(`-${ms}`)).toBeUndefined();
      }),
    );
  });

  it.each([
    ["999999999", undefined],
    ["999999999.999999", undefined],
    ["1000000000", EARLIEST],
    ["1e9", EARLIEST],
    ["9999999999.9999999999999999999999", LATEST],
    ["10000000000", undefined],
    ["999999999999.9", undefined],
    ["1000000000000", EARLIEST],
    ["9999999999999.9", LATEST],
    ["10000000000000", undefined],
    ["1000000000000000", EARLIEST],
    ["9999999999999999", LATEST],
    ["1000000000000000000", EARLIEST],
    ["9999999999999999999", LATEST],
    ["1e400", undefined],
    [`1e${"9".repeat(400)}`, undefined],
    [`1e-${"9".repeat(400)}`, undefined],
    ["0", undefined],
    ["-0", undefined],
    ["-0.0e10", undefined],
    ["-1767323045", undefined],
    [`${"1".repeat(100_000)}`, undefined],
    [`1767323045.${"0".repeat(100_000)}1`, Date.parse(A)],
    [`0.${"0".repeat(100_000)}1767323045e100010`, Date.parse(A)],
  ])("parses %.40s as %s", (source, expected) => {
    expect(parseEpoch(source)?.getTime()).toBe(expected);
  });
});

describe("an event's former key", () => {
  const RECEIVED = "2026-03-04T05:06:07.890Z";
  const member = fc.option(
    fc.oneof(
      fc.constantFrom('"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05"', '"yesterday"', "null", "{}", "1e400", "-0"),
      // The first is SNS's time.
      fc.constantFrom(String(Date.parse(RECEIVED)), "1767323045", "1767323045.6789", "1767323045678", "1.7e9", "17"),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    ),
    { nil: undefined },
  );
  const event = fc
    .record({ time: member, timestamp: member, id: fc.constantFrom(undefined, '"a#b"', "7"), type: fc.constant('"t"') })
    .map((members) => {
      const written = Object.entries(members).filter(([, value]) => value !== undefined);
      return `{${written.map(([name, value]) => `"${name}":${value}`).join(",")}}`;
    });

  it("differs only if a number is its time now, and has the time of a text or of SNS", () => {
    fc.assert(
      fc.property(event, (text) => {
        const envelope = parseEnvelope(JSON.stringify({ MessageId: "m-1", Timestamp: RECEIVED, Message: text }));
        const parsed = parseEvent({ message: text });
        const { event_type, timestamp_id } = eventKeyOf(parsed, envelope);
        const { time, timestamp } = JSON.parse(text) as Record<string, unknown>;
        const isText = (value: unknown) => value === "2026-01-02T03:04:05Z";
        const formerTime = [time, timestamp].some(isText) ? A : RECEIVED;
        const formerId = formerTime + timestamp_id.slice(formerTime.length);
        const former = formerKeyOf(parsed, envelope);
        expect(former ?? { event_type, timestamp_id }).toEqual({ event_type, timestamp_id: formerId });
        if (former) {
          expect(timestamp_id).not.toBe(formerId);
          expect([time, timestamp].some((value) => typeof value === "number")).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
