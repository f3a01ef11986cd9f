// Runs the largest batches that Lambda can send with the default memory and CPU share: npm run test:limits.
// Needs root on Linux, for control groups.
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

test("every worst batch finishes in time and stores each valid event at its first receive", () => {
  expect(batches.length).toBeGreaterThan(10);
  for (const { name, good, goodStored, ms } of batches) {
    expect({ name, goodStored, isInTime: ms !== undefined }).toEqual({ name, goodStored: good, isInTime: true });
  }
});

test("no batch uses half of the memory", () => {
  for (const { name, peakBytes } of batches) {
    expect({ name, isBounded: peakBytes < (memorySizeMiB * 1_024 * 1_024) / 2 }).toEqual({ name, isBounded: true });
  }
});
