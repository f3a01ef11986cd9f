// What Lambda sends at most, in the memory and the share of a core that it gives by default: npm run test:limits.
// Takes root on Linux, for control groups.
import { execFileSync } from "node:child_process";
import { at, synthStack } from "@event-pipeline/testing/synthesized";
import type { WorstBatch } from "../worst-batches";

const { memory_size, timeout } = at(synthStack(), "aws_lambda_function.event_processor");
const [memorySizeMiB, timeoutSeconds] = [Number(memory_size), Number(timeout)];
let batches: WorstBatch[];

beforeAll(() => {
  const args = ["dist/bench/worst-batches.mjs", String(memorySizeMiB), String(timeoutSeconds)];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  batches = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as WorstBatch);
});

test("each of the worst batches is answered in time, with every good record stored at its first receive", () => {
  expect(batches.length).toBeGreaterThan(10);
  for (const { name, good, goodStored, ms } of batches) {
    expect({ name, goodStored, isAnswered: ms !== undefined }).toEqual({ name, goodStored: good, isAnswered: true });
  }
});

test("none takes half of the memory", () => {
  for (const { name, peakBytes } of batches) {
    expect({ name, isBounded: peakBytes < (memorySizeMiB * 1_024 * 1_024) / 2 }).toEqual({ name, isBounded: true });
  }
});
