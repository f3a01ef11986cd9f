import { evaluatePrefix, objectName } from "../../archive/object-key";

const TIME = new Date("2026-01-02T03:04:05.678Z");

test("a prefix is filled in with UTC times", () => {
  expect(evaluatePrefix("raw/y=!{timestamp:yyyy}/m=!{timestamp:MM}/d=!{timestamp:dd}/h=!{timestamp:HH}/", TIME)).toBe(
    "raw/y=2026/m=01/d=02/h=03/",
  );
});

test.each(["!{timestamp:SSS}", "!{firehose:random-string}"])("%s is named as not understood", (expression) => {
  expect(() => evaluatePrefix(`raw/${expression}/`, TIME)).toThrow(expression);
});

test("an object is named as Firehose names it", () => {
  expect(objectName("alice-events-raw", TIME, "unique", true)).toBe("alice-events-raw-1-2026-01-02-03-04-05-unique.gz");
  expect(objectName("alice-events-raw", TIME, "unique", false)).toBe("alice-events-raw-1-2026-01-02-03-04-05-unique");
});
