/**
 * The worst batches under Lambda's limits, for a program to judge: prints one
 * JSON object a line. Arguments: the memory in MiB, the timeout in seconds.
 */
import { lambdaNode } from "./lambda-node";
import { worstBatches } from "./limits/batches";
import { Sandbox, type SandboxFigures } from "./limits/sandbox";

export interface WorstBatch extends SandboxFigures {
  readonly name: string;
  readonly good: number;
}

const [, , memoryMiB, timeoutSeconds] = process.argv;
const node = lambdaNode();
for (const batch of worstBatches()) {
  const sandbox = await Sandbox.start({ memoryMiB: Number(memoryMiB), node });
  const figures = await sandbox.invoke(batch, Number(timeoutSeconds) * 1_000).finally(() => sandbox.stop());
  process.stdout.write(
    `${JSON.stringify({ name: batch.name, good: batch.good.length, ...figures } satisfies WorstBatch)}\n`,
  );
}
