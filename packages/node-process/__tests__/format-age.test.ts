import { formatAge } from "../format-age";

test.each([
  [-1, "0s"],
  [59, "59s"],
  [60, "1m"],
  [7_199, "1h"],
  [172_800, "2d"],
])("formats %d seconds as %s", (seconds, age) => {
  expect(formatAge(new Date(0), seconds * 1_000)).toBe(age);
});
