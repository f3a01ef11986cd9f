import { readFileSync } from "node:fs";
import { LAMBDA_NODE, lambdaNode } from "../lambda-node";
import { median, rounded } from "../statistics";
import type { Table } from "../table";
import { type Batch, ordinaryBatch, worstBatches } from "./batches";
import { Sandbox, type SandboxProps } from "./sandbox";

const stack = JSON.parse(readFileSync("cdktf.out/stages/dev/cdk.tf.json", "utf8"));
const { memory_size, timeout } = stack.resource.aws_lambda_function.event_processor;
const [DEFAULT_MIB, TIMEOUT_SECONDS] = [Number(memory_size), Number(timeout)];
const ALL_MIB = [256, 512, 1_024];
const WARM_INVOCATIONS = 40;

/** The deployed bundle under the limits that Lambda sets: what an ordinary batch costs, and what the worst ones do. */
export async function limits(quick: boolean): Promise<Table> {
  const node = lambdaNode();
  const sandboxes = (quick ? [DEFAULT_MIB] : ALL_MIB).map((memoryMiB) => ({ memoryMiB, node }));
  const rows: string[][] = [await rowOf(ordinaryBatch(), sandboxes, costOf)];
  for (const batch of worstBatches()) rows.push(await rowOf(batch, sandboxes, fateOf));
  return {
    title: "Worst batches under Lambda's limits",
    introduction: `The deployed bundle on Node.js ${LAMBDA_NODE}, each batch in a fresh process within a control group of the memory and its share of a core
(memory ÷ 1,769 MiB), with the old space at 90 % and the semi-space at 2.5 % of the memory. A batch is of the count in its name, or of as many as
the 6 MB hold that Lambda sends at most. DynamoDB and SQS take 5 ms. Of the ${TIMEOUT_SECONDS} s until Lambda's timeout: the time of the answer, and the most memory in use.`,
    columns: ["batch", "records", ...sandboxes.map(({ memoryMiB }) => `${memoryMiB.toLocaleString("en-US")} MiB`)],
    rows,
    notes: [
      `Goal: at the default of ${DEFAULT_MIB} MiB every batch is answered in time, and every good neighbour stored at its first receive.`,
    ],
  };
}

async function rowOf(
  batch: Batch,
  sandboxes: readonly SandboxProps[],
  cellOf: (batch: Batch, sandbox: Sandbox) => Promise<string>,
): Promise<string[]> {
  const row = [batch.name, batch.event.Records.length.toLocaleString("en-US")];
  for (const props of sandboxes) {
    const sandbox = await Sandbox.start(props);
    try {
      row.push(await cellOf(batch, sandbox));
    } finally {
      await sandbox.stop();
    }
  }
  return row;
}

/** Of a warm function, which is what nearly all batches meet. */
async function costOf(batch: Batch, sandbox: Sandbox): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < WARM_INVOCATIONS; round += 1) {
    const { ms } = await sandbox.invoke(batch, TIMEOUT_SECONDS * 1_000);
    times.push(ms ?? Number.POSITIVE_INFINITY);
  }
  const ms = median(times.slice(WARM_INVOCATIONS / 2));
  const gibSeconds = (1_000_000 / batch.event.Records.length) * (ms / 1_000) * (sandbox.memoryMiB / 1_024);
  return `${rounded(ms)} ms; ${rounded(gibSeconds)} GiB s for 1 M events`;
}

async function fateOf(batch: Batch, sandbox: Sandbox): Promise<string> {
  const { ms, peakBytes, goodStored, handedBack } = await sandbox.invoke(batch, TIMEOUT_SECONDS * 1_000);
  if (ms === undefined) return "**no answer in time**";
  const lost = batch.good.length - goodStored;
  return [
    `${(ms / 1_000).toFixed(1)} s, ${Math.round(peakBytes / 1_024 ** 2)} MiB`,
    ...(handedBack > 0 ? [`${handedBack.toLocaleString("en-US")} handed back`] : []),
    ...(lost > 0 ? [`**${lost.toLocaleString("en-US")} of them good**`] : []),
  ].join("; ");
}
