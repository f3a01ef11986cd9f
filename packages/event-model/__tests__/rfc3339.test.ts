import fc from "fast-check";
import { parseRfc3339 } from "../rfc3339";

const two = (value: number) => String(value).padStart(2, "0");
const validDate = fc.date({
  min: new Date("0000-01-02T00:00:00Z"),
  max: new Date("9999-12-30T23:59:59.999Z"),
  noInvalidDate: true,
});

describe("parseRfc3339", () => {
  it("agrees with Date for every date and offset, in upper and lower case", () => {
    const offset = fc.integer({ min: -1_439, max: 1_439 });
    fc.assert(
      fc.property(validDate, offset, fc.constantFrom("T", "t", " "), (date, minutes, separator) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().replace("T", separator);
        const size = Math.abs(minutes);
        const zone = `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        const texts = [local.replace("Z", zone), date.toISOString().replace("Z", "z")];
        return texts.every((text) => parseRfc3339(text)?.getTime() === date.getTime());
      }),
      { numRuns: 3_000 },
    );
  });

  it("refuses every date that does not exist", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (year, month, day) => {
          const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T12:00:00Z`;
          const date = new Date(text);
          const exists = !Number.isNaN(date.getTime()) && date.getUTCDate() === day;
          return parseRfc3339(text)?.getTime() === (exists ? date.getTime() : undefined);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["0099-06-01T00:00:00Z", "0099-06-01T00:00:00.000Z"],
    ["2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.100Z"],
    ["2026-01-02T03:04:05.123999Z", "2026-01-02T03:04:05.123Z"],
    ["2026-01-02T00:30:00+01:00", "2026-01-01T23:30:00.000Z"],
    ["2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00.000Z"],
  ])("parses %s as %s", (text, expected) => {
    expect(parseRfc3339(text)?.toISOString()).toBe(expected);
  });

  it.each([
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:00",
    "2026-01-01",
    "2026-01-01T00:00Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+0100",
    "0000-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "+002026-01-01T00:00:00Z",
    " 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Z\n",
    "",
  ])("refuses %j", (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });
});
