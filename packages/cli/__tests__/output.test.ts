import fc from "fast-check";
import { Output } from "../output";

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** What `paint` writes around "colour". */
const COLOURED = `${"\u001b"}[31mcolour${"\u001b"}[39m`;
const HOSTILE = [
  COLOURED,
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
  .array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE)), { minLength: 1 })
  .map((parts) => parts.join(""));

let written = "";
const streams = [process.stdout, process.stderr];
const wasTerminal = streams.map(({ isTTY }) => isTTY);

beforeEach(() => {
  written = "";
  delete process.env.NO_COLOR;
  process.env.TERM = "xterm";
  for (const stream of streams) {
    stream.isTTY = true;
    jest.spyOn(stream, "write").mockImplementation((text) => {
      written += text;
      return true;
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  for (const [index, stream] of streams.entries()) stream.isTTY = wasTerminal[index] as boolean;
});

/** What moves a terminal of what is written. */
async function controlsOf(write: (output: Output, text: string) => Promise<void> | void, text: string) {
  written = "";
  await write(new Output({ json: false, color: true }), text);
  return written.match(UNPRINTABLE);
}

test.each<[string, (output: Output, text: string) => Promise<void> | void]>([
  ["a line", (output, text) => output.line(`before ${text} behind`)],
  ["a painted line", (output, text) => output.line(`${output.paint("red", text)} ${text}`)],
  ["a line that is cut", (output, text) => output.line(output.cut(text, 40))],
  ["a note", (output, text) => output.note(`${output.paintNote("red", text)} ${text}`)],
  ["a table", (output, text) => output.table(["HEAD", text], [[text, text]], () => "red")],
  ["a record", (output, text) => output.record({ [text]: text })],
])("%s shows what others wrote, and does nothing of it", async (_, write) => {
  // Our own colours and line ends, which are the same whatever the text is.
  const own = await controlsOf(write, "text");
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      expect(await controlsOf(write, text)).toEqual(own);
    }),
  );
});

test("colours of others are text, and our own are colours", async () => {
  const output = new Output({ json: false, color: true });
  await output.line(`${output.paint("red", "colour")} ${COLOURED}`);
  expect(written).toBe(`${COLOURED} \\u001b[31mcolour\\u001b[39m\n`);
});
