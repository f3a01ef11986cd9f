import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalRunError } from "./errors";

const CLAIM = "run.pid";

/**
 * Makes the folder, and takes it for this process: two runs in one folder
 * would end each other.
 *
 * @returns what gives the folder back.
 * @throws LocalRunError when the folder cannot be written to, or another run has it.
 */
export function claimDataDir(path: string): () => void {
  const claim = join(path, CLAIM);
  const holder = holderOf(claim);
  if (holder !== undefined && isAlive(holder)) {
    throw new LocalRunError(
      `--data-dir is "${path}", which the local run with process id ${holder} uses. Stop that, or name another folder. (If no such run is left, delete ${CLAIM} there.)`,
    );
  }
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(claim, String(process.pid));
  } catch (cause) {
    throw new LocalRunError(
      `--data-dir is "${path}", where this user cannot write: ${(cause as Error).message}. Name another folder.`,
      { cause },
    );
  }
  return () => rmSync(claim, { force: true });
}

/** Whose claim it is; nobody's when there is none, or one that a kill left half-written. */
function holderOf(claim: string): number | undefined {
  try {
    const pid = Number(readFileSync(claim, "utf8"));
    // In a container every run may have the same process id.
    return Number.isInteger(pid) && pid > 0 && pid !== process.pid ? pid : undefined;
  } catch {
    return undefined; // No claim, or no folder; writing it says what is wrong with that.
  }
}

/** Signal 0 reaches nobody; it only asks whether the process is there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
