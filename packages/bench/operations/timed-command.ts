import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** GNU time reports the peak memory of a process after it ended. */
const GNU_TIME = "/usr/bin/time";
const TIMEOUT_MS = 600_000;

export interface CommandFigures {
  readonly ms: number;
  /** Peak memory, in MiB; undefined if GNU time is not installed. */
  readonly peakMiB?: number;
}

/** Runs Node.js with the arguments, and measures it. */
export function timeCommand(nodeArgs: readonly string[]): CommandFigures {
  const folder = mkdtempSync(join(tmpdir(), "bench-time-"));
  const peakFile = join(folder, "peak");
  const command = [process.execPath, ...nodeArgs];
  const [file = "", ...args] = existsSync(GNU_TIME) ? [GNU_TIME, "-f", "%M", "-o", peakFile, ...command] : command;
  try {
    const start = performance.now();
    execFileSync(file, args, { stdio: ["ignore", "ignore", "pipe"], timeout: TIMEOUT_MS });
    const ms = performance.now() - start;
    return existsSync(peakFile) ? { ms, peakMiB: Number(readFileSync(peakFile, "utf8").trim()) / 1_024 } : { ms };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
