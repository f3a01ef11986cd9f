import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { canPersist } from "./aws/node-sqlite";
import { LocalRunError } from "./errors";

/**
 * Makes the folder, and takes it for this process: two runs in one folder
 * would end each other.
 *
 * @throws LocalRunError when this Node.js cannot keep data, the folder cannot
 * be written to, or another run has it.
 */
export function claimDataDir(folder: string): string {
  if (!canPersist) {
    throw new LocalRunError(
      `--data-dir needs Node 22.5 or newer, for node:sqlite; this is ${process.version}. Leave it out to keep data in memory.`,
    );
  }
  const path = resolve(folder);
  const claim = join(path, "run.pid");
  const holder = existsSync(claim) ? Number(readFileSync(claim, "utf8")) : undefined;
  if (holder !== undefined && isAlive(holder)) {
    throw new LocalRunError(
      `--data-dir is "${folder}", which the local run with process id ${holder} uses. Stop that, or name another folder.`,
    );
  }
  try {
    mkdirSync(path, { recursive: true });
    writeFileSync(claim, String(process.pid));
  } catch (cause) {
    throw new LocalRunError(
      `--data-dir is "${folder}", where this user cannot write: ${(cause as Error).message}. Name another folder.`,
      { cause },
    );
  }
  return path;
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
