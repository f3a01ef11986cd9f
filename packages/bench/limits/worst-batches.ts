/** Prints one JSON line per worst batch for the test. Arguments: the memory in MiB, the timeout in seconds. */
import { worstBatches } from "./batches";
import { Sandbox, type SandboxFigures } from "./sandbox";

export interface WorstBatch extends SandboxFigures {
  readonly name: string;
  readonly good: number;
}

const [, , memoryMiB, timeoutSeconds] = process.argv;
for (const batch of worstBatches()) {
  const sandbox = await Sandbox.start(Number(memoryMiB));
  const figures = await sandbox.invoke(batch, Number(timeoutSeconds) * 1_000).finally(() => sandbox.stop());
  const line: WorstBatch = { name: batch.name, good: batch.good.length, ...figures };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
