import { excerpt } from "../excerpt";

it.each([
  ["short", 100, "short"],
  ["12345", 5, "12345"],
  ["123456", 5, "1234…"],
])("excerpt(%s, %i) returns %s", (text, maxCharacters, expected) => {
  expect(excerpt(text, maxCharacters)).toBe(expected);
});
