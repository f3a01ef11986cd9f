import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** GNU time: it alone sees the largest of the processes that a command starts. */
const TIME = "/usr/bin/time";

export interface CommandFigures {
  readonly ms: number;
  /** Most that one process of the command held; absent without GNU time. */
  readonly peakMiB?: number;
}

/** @throws Error with the command's own output when it fails. */
export function timeCommand(command: readonly string[], cwd: string, timeoutMs = 120_000): CommandFigures {
  const folder = mkdtempSync(join(tmpdir(), "bench-time-"));
  const peakFile = join(folder, "peak");
  const measured = existsSync(TIME) ? [TIME, "-f", "%M", "-o", peakFile, ...command] : command;
  const [file = "", ...args] = measured;
  try {
    const start = performance.now();
    execFileSync(file, args, { cwd, env: environment(), stdio: ["ignore", "ignore", "pipe"], timeout: timeoutMs });
    const ms = performance.now() - start;
    if (!existsSync(peakFile)) return { ms };
    return { ms, peakMiB: Number(readFileSync(peakFile, "utf8").trim().split("\n").at(-1)) / 1_024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As from a shell: what npm set for the benchmark would reach ts-node, which fails under --import. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") && name !== "NODE_OPTIONS");
  return { ...Object.fromEntries(own), CHECKPOINT_DISABLE: "1" };
}
