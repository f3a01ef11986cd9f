import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { Output, type OutputStream } from "../output";

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The output of `paint("red", "color")`. */
const COLORED = `${"\u001b"}[31mcolor${"\u001b"}[39m`;
const HOSTILE = [
  COLORED,
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "\r",
  "\n",
  "\t",
  "\u0000",
  "\u009b31m",
  "\u202e",
  "\ud800",
  "\u2028",
];
const hostile = fc
  .array(fc.oneof(unicodeText(), fc.constantFrom(...HOSTILE)), { minLength: 1 })
  .map((parts) => parts.join(""));

let written = "";
const terminal = {
  isTTY: true,
  columns: 80,
  write: (text: string) => {
    written += text;
    return true;
  },
} as unknown as OutputStream;
const io = { env: { TERM: "xterm" }, stdout: terminal, stderr: terminal, closed: new AbortController().signal };

beforeEach(() => {
  written = "";
});

/** Returns the control characters in the output. */
async function controlsOf(write: (output: Output, text: string) => Promise<void> | void, text: string) {
  written = "";
  await write(new Output(io, { json: false, color: true }), text);
  return written.match(UNPRINTABLE);
}

test.each<[string, (output: Output, text: string) => Promise<void> | void]>([
  ["a line", (output, text) => output.line(`before ${text} behind`)],
  ["a painted line", (output, text) => output.line(`${output.paint("red", text)} ${text}`)],
  ["a line that is cut", (output, text) => output.line(output.cut(text, 40))],
  ["a note", (output, text) => output.note(`${output.paintNote("red", text)} ${text}`)],
  ["a table", (output, text) => output.table(["HEAD", text], [[text, text]])],
  ["a record", (output, text) => output.record({ [text]: text })],
])("%s prints untrusted text without its control characters", async (_, write) => {
  // The output contains the same control characters for any text: its own colors and line breaks.
  const own = await controlsOf(write, "text");
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      expect(await controlsOf(write, text)).toEqual(own);
    }),
  );
});

test("escapes color sequences in text, but not those from paint", async () => {
  const output = new Output(io, { json: false, color: true });
  await output.line(`${output.paint("red", "color")} ${COLORED}`);
  expect(written).toBe(`${COLORED} \\u001b[31mcolor\\u001b[39m\n`);
});
