import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { pairs, pointInTime } from "../option-values";

test("accepts every calendar day", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
      (date) => {
        expect(pointInTime(date.toISOString())).toEqual(date);
        expect(pointInTime(date.toISOString().slice(0, 10)).getTime()).toBe(
          Math.floor(+date / 86_400_000) * 86_400_000,
        );
      },
    ),
  );
});

test.each(["2026-02-29", "2026-11-31T10:00Z", "2026-02-30T23:30-05:00", "2026-04-31 07", "2026-13-01", "2026-01-00"])(
  "rejects %s, which is not in the calendar",
  (text) => expect(() => pointInTime(text)).toThrow(InvalidArgumentError),
);

test("rejects an age that begins before 1970", () => {
  expect(pointInTime("20000d").getUTCFullYear()).toBeGreaterThan(1969);
  for (const text of ["99999d", "999999d"]) expect(() => pointInTime(text)).toThrow(InvalidArgumentError);
});

test("converts a time with a time zone to UTC", () => {
  expect(pointInTime("2026-03-01T00:30+02:00").toISOString()).toBe("2026-02-28T22:30:00.000Z");
});

test("keeps every pair, including unusual keys, and rejects a key that is given twice", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 }).filter((key) => !key.includes("="))),
      fc.string({ minLength: 1 }),
      (keys, value) => {
        let given: Readonly<Record<string, string>> = {};
        for (const key of [...keys, "__proto__"].filter((key, index, all) => all.indexOf(key) === index)) {
          given = pairs(`${key}=${value}`, given);
          expect(Object.entries(given)).toContainEqual([key, value]);
          expect(() => pairs(`${key}=other`, given)).toThrow(InvalidArgumentError);
        }
      },
    ),
  );
});
