import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type ProcessId, readProcess } from "./process-table";

/** A command for another stage uses the output folder. */
export class StageLockedError extends Error {}

/** `<stage>.<pid>.<start time>.<host>`. The file's name holds the lock because names, unlike contents, appear atomically. */
const LOCK = /^(?<stage>[a-z\d-]+)\.(?<pid>\d+)\.(?<startTime>\d+)\.(?<host>.+)$/;
// A file name has at most 255 bytes.
const HOST = hostname()
  .replace(/[^\w.-]/g, "_")
  .slice(0, 100);
const ADVICE = "Wait for it to end, or use npm run diff, npm run deploy or npm run destroy, which run side by side.";

/**
 * Locks the manifest of an output folder for a stage, until `holder` ends or `release` is called.
 *
 * @throws StageLockedError while another stage holds the lock.
 */
export function lockManifest(outdir: string, stage: string, holder: ProcessId): { release(): void } {
  const folder = join(outdir, "locks");
  const own = [stage, holder.pid, holder.startTime, HOST].join(".");
  const release = () => rmSync(join(folder, own), { force: true });
  mkdirSync(folder, { recursive: true });
  // Written before the others are read: if two commands start at once, at least one sees the other.
  writeFileSync(join(folder, own), "");
  for (const name of readdirSync(folder)) {
    const lock = LOCK.exec(name)?.groups;
    if (!lock || name === own) continue;
    const file = join(folder, name);
    const other = { pid: Number(lock.pid), startTime: Number(lock.startTime) };
    const isRunning = lock.host === HOST ? runs(other) : undefined;
    // A command that synthesizes once more, as `cdktf watch` does, reads the newer manifest.
    const isOlder = other.pid === holder.pid && other.startTime === holder.startTime;
    if (isRunning === false || (isRunning && isOlder)) rmSync(file, { force: true });
    else if (lock.stage !== stage) {
      release();
      throw new StageLockedError(
        isRunning
          ? `A command for the stage ${lock.stage} (process ${lock.pid}) uses ${outdir}: the stage ${stage} cannot. ${ADVICE}`
          : `A command for the stage ${lock.stage} may still use ${outdir}: the stage ${stage} cannot. ${ADVICE} If none runs, delete ${file}.`,
      );
    }
  }
  return { release };
}

/** Returns whether the process still runs; undefined if the system does not report it. */
function runs({ pid, startTime }: ProcessId): boolean | undefined {
  // The lock's owner could not identify its process.
  if (pid === 0) return undefined;
  try {
    return readProcess(pid)?.startTime === startTime;
  } catch {
    return undefined;
  }
}
