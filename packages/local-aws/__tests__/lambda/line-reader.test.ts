import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import fc from "fast-check";
import { LineReader } from "../../lambda/line-reader";

const MARK = "\0end of 1";

/** Writes bytes in chunks of the given sizes, which repeat, and returns when the reader has read them all. */
async function read(bytes: Buffer, sizes: readonly number[], mark?: string): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  const reader = new LineReader(stream, (line) => lines.push(line));
  const reached = mark === undefined ? undefined : reader.until(mark);
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const end = start + Number(sizes[turn % sizes.length]);
    stream.write(bytes.subarray(start, end));
    start = end;
  }
  stream.end();
  await reached;
  if (mark === undefined) await finished(stream);
  await new Promise((resolve) => (stream.closed ? resolve(undefined) : stream.once("close", resolve)));
  return lines;
}

const lineText = fc.string({ unit: fc.constantFrom("a", "é", "🙂", "\u2028", " ", "\t") });
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });

test("splits only at newlines, for any chunks of bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lineText), sizes, async (lines, chunks) => {
      const text = lines.map((line) => `${line}\n`).join("");
      expect(await read(Buffer.from(text), chunks)).toEqual(lines);
    }),
  );
});

test("reads everything before the mark, even without a newline", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lineText), lineText, sizes, async (lines, last, chunks) => {
      const text = `${lines.map((line) => `${line}\n`).join("")}${last}${MARK}\n`;
      expect(await read(Buffer.from(text), chunks, MARK)).toEqual(last === "" ? lines : [...lines, last]);
    }),
  );
});

test("resolves when the stream ends before or after the call", async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  const reader = new LineReader(stream, (line) => lines.push(line));
  const before = reader.until(MARK);
  stream.end("cut o");
  await before;
  await reader.until(MARK);
  expect(lines).toEqual(["cut o"]);
});

test("splits a line that never ends", async () => {
  const lines = await read(Buffer.alloc(3 * 1024 * 1024 + 1, "x"), [65_536]);
  expect(lines.map(({ length }) => length)).toEqual([1024 * 1024, 1024 * 1024, 1024 * 1024, 1]);
});
