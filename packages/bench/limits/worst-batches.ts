/** Runs the worst batches and prints one JSON line per batch. Arguments: memory in MiB, timeout in seconds. */
import { worstBatches } from "./batches";
import { Sandbox, type SandboxFigures } from "./sandbox";

export interface WorstBatch extends SandboxFigures {
  readonly name: string;
  readonly valid: number;
}

const [, , memoryMiB, timeoutSeconds] = process.argv;
for (const batch of worstBatches()) {
  const sandbox = await Sandbox.start(Number(memoryMiB), batch.contracts);
  const figures = await sandbox.invoke(batch, Number(timeoutSeconds) * 1_000).finally(() => sandbox.stop());
  const line: WorstBatch = { name: batch.name, valid: batch.valid.length, ...figures };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
