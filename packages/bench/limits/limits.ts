import { readFileSync } from "node:fs";
import { median, rounded } from "../statistics";
import type { Table } from "../table";
import { ordinaryBatch, type TestBatch, worstBatches } from "./batches";
import { LAMBDA_NODE, Sandbox } from "./sandbox";

const ALL_MIB = [256, 512, 1_024];
const WARM_INVOCATIONS = 40;

/** Runs the deployed bundle under Lambda's limits, with an ordinary batch and with the worst batches. */
export async function limits(quick: boolean): Promise<Table> {
  const stack = JSON.parse(readFileSync("cdktf.out/stages/dev/cdk.tf.json", "utf8"));
  const { memory_size, timeout } = stack.resource.aws_lambda_function.event_processor;
  const sizes = quick ? [Number(memory_size)] : ALL_MIB;
  const timeoutMs = Number(timeout) * 1_000;
  const rows: string[][] = [];
  for (const batch of [ordinaryBatch(), ...worstBatches()]) {
    const row = [batch.name, batch.event.Records.length.toLocaleString("en-US")];
    for (const memoryMiB of sizes) {
      const sandbox = await Sandbox.start(memoryMiB, batch.contracts);
      const measure = rows.length === 0 ? costOf : outcomeOf;
      row.push(await measure(batch, sandbox, timeoutMs).finally(() => sandbox.stop()));
    }
    rows.push(row);
  }
  return {
    title: "Worst batches under Lambda's limits",
    introduction: `The deployed bundle runs on Node.js ${LAMBDA_NODE} in a control group. Each column has the group's memory. Its CPU share is memory ÷ 1,769 MiB, as on Lambda.
V8's old space is limited to 90 % of the memory and its semi-space to 2.5 %, as on Lambda. Each batch runs in a new process, with the
number of records in its name, or as many as fit into Lambda's limit of 6 MB. DynamoDB and SQS respond after 5 ms. The function times out after
${timeout} s. Each cell has the duration and the peak memory, then the number of batch item failures.`,
    columns: ["batch", "records", ...sizes.map((size) => `${size.toLocaleString("en-US")} MiB`)],
    rows,
    notes: [
      `Goal: with the default memory of ${memory_size} MiB, every batch finishes before the timeout, and every valid event is stored at its first receive.`,
    ],
  };
}

/** Returns the duration of a warm invocation, and the GiB-seconds per million events. */
async function costOf(batch: TestBatch, sandbox: Sandbox, timeoutMs: number): Promise<string> {
  const durations: number[] = [];
  for (let round = 0; round < WARM_INVOCATIONS; round += 1) {
    const { ms } = await sandbox.invoke(batch, timeoutMs);
    durations.push(ms ?? Number.POSITIVE_INFINITY);
  }
  const ms = median(durations.slice(WARM_INVOCATIONS / 2));
  const gibSeconds = (1_000_000 / batch.event.Records.length) * (ms / 1_000) * (sandbox.memoryMiB / 1_024);
  return `${rounded(ms)} ms; ${rounded(gibSeconds)} GiB-seconds per million events`;
}

async function outcomeOf(batch: TestBatch, sandbox: Sandbox, timeoutMs: number): Promise<string> {
  const { ms, peakBytes, validStored, batchItemFailures } = await sandbox.invoke(batch, timeoutMs);
  if (ms === undefined) return "**timed out**";
  const retried = batch.valid.length - validStored;
  return [
    `${(ms / 1_000).toFixed(1)} s, ${Math.round(peakBytes / 1_024 ** 2)} MiB`,
    ...(batchItemFailures > 0 ? [`${batchItemFailures.toLocaleString("en-US")} failures`] : []),
    ...(retried > 0 ? [`**${retried.toLocaleString("en-US")} of them valid**`] : []),
  ].join("; ");
}
