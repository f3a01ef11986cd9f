// Processes the worst batches that Lambda can send, with the function's default memory and CPU share.
// Run: npm run test:limits. Requires root on Linux, to create control groups.
import { execFileSync } from "node:child_process";
import { at, synthStack } from "@event-pipeline/testing/synthesized";
import type { WorstBatch } from "../limits/worst-batches";

const { memory_size, timeout } = at(synthStack(), "aws_lambda_function.event_processor");
const [memorySizeMiB, timeoutSeconds] = [Number(memory_size), Number(timeout)];
let batches: WorstBatch[];

beforeAll(() => {
  const args = ["dist/bench/limits/worst-batches.mjs", String(memorySizeMiB), String(timeoutSeconds)];
  const output = execFileSync(process.execPath, args, { encoding: "utf8" });
  batches = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as WorstBatch);
});

test("finishes each batch before the timeout and stores every valid event at its first receive", () => {
  expect(batches.length).toBeGreaterThan(10);
  for (const { name, valid, validStored, ms } of batches) {
    expect({ name, validStored, isInTime: ms !== undefined }).toEqual({ name, validStored: valid, isInTime: true });
  }
});

test("uses less than half of the memory for each batch", () => {
  for (const { name, peakBytes } of batches) {
    expect({ name, isBounded: peakBytes < (memorySizeMiB * 1_024 * 1_024) / 2 }).toEqual({ name, isBounded: true });
  }
});
