import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type ProcessId, readProcess } from "./process-table";

/** Thrown if a command for another stage uses the output folder. */
export class StageLockedError extends Error {}

/** `<stage>.<PID>.<start time>.<host>`. File names hold the locks: unlike content, they appear atomically. */
const LOCK = /^(?<stage>[a-z\d-]+)\.(?<pid>\d+)\.(?<startTime>\d+)\.(?<host>.+)$/;
// File names have at most 255 bytes.
const HOST = hostname()
  .replace(/[^\w.-]/g, "_")
  .slice(0, 100);
const ADVICE =
  "Wait until it ends, or use npm run diff, npm run deploy or npm run destroy, which can run for several stages at once.";

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
  // Each command writes its lock before it reads the others: if two start at once, at least one sees the other's lock.
  writeFileSync(join(folder, own), "");
  for (const name of readdirSync(folder)) {
    const lock = LOCK.exec(name)?.groups;
    if (!lock || name === own) continue;
    const file = join(folder, name);
    const other = { pid: Number(lock.pid), startTime: Number(lock.startTime) };
    const isRunning = lock.host === HOST ? isAlive(other) : undefined;
    // A command that synthesizes again, such as `cdktf watch`, needs only its newest lock.
    const isOlder = other.pid === holder.pid && other.startTime === holder.startTime;
    if (isRunning === false || (isRunning && isOlder)) rmSync(file, { force: true });
    else if (lock.stage !== stage) {
      release();
      throw new StageLockedError(
        isRunning
          ? `A command for the stage ${lock.stage} (process ${lock.pid}) uses ${outdir}, so the stage ${stage} cannot use it now. ${ADVICE}`
          : `A command for the stage ${lock.stage} may still use ${outdir}, so the stage ${stage} cannot use it now. ${ADVICE} If no such command is running, delete ${file}.`,
      );
    }
  }
  return { release };
}

/** Returns whether the process is still running; undefined if the system cannot report it. */
function isAlive({ pid, startTime }: ProcessId): boolean | undefined {
  // The command that wrote the lock could not find its own process.
  if (pid === 0) return undefined;
  try {
    return readProcess(pid)?.startTime === startTime;
  } catch {
    return undefined;
  }
}
