import { execFileSync } from "node:child_process";
import { printable } from "@event-pipeline/node-process/printable";
import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { isArgument, shellWord } from "../shell-word";

const HOSTILE = [
  "'",
  "\\",
  "\n",
  "\t",
  "\u001b[2J",
  "\u007f",
  "\u202e",
  "\u2028",
  "\u{e0001}",
  "$(id)",
  "`",
  "=ls",
  "~",
];
const text = fc
  .array(fc.oneof(unicodeText(), fc.constantFrom(...HOSTILE)), { maxLength: 4 })
  .map((parts) => parts.join(""))
  .filter(isArgument);

test("quotes any text for bash, so that the word is printed unchanged", () => {
  const texts = [...HOSTILE, ...fc.sample(text, 300)];
  const words = texts.map(shellWord);
  expect(words.map(printable)).toEqual(words);
  const output = execFileSync("bash", ["-c", `printf '%s\\0' ${words.join(" ")}`], { encoding: "utf8" });
  expect(output.split("\0").slice(0, -1)).toEqual(texts);
});

test("quotes texts without unprintable characters for every POSIX shell, and what zsh would expand", () => {
  const texts = fc.sample(text, 300).filter((each) => printable(each) === each);
  const output = execFileSync("sh", ["-c", `printf '%s\\0' ${texts.map(shellWord).join(" ")}`], { encoding: "utf8" });
  expect(output.split("\0").slice(0, -1)).toEqual(texts);
  expect(shellWord("=ls")).toBe("'=ls'");
});

test.each(["a\0b", "\ud800"])("no argument contains %j", (value) => {
  expect(isArgument(value)).toBe(false);
});
