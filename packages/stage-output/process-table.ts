import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process, and no later one that has its pid. */
export interface ProcessId {
  readonly pid: number;
  /** In a unit of the system's. */
  readonly startTime: number;
}

interface RunningProcess extends ProcessId {
  readonly parent: number;
  readonly commandLine: string;
}

/**
 * @returns undefined when no such process runs.
 * @throws Error where the system does not tell, as Windows does not.
 */
export function readProcess(pid: number): RunningProcess | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): RunningProcess | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The program's name comes before, in parentheses, and may hold some itself.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // It has ended, and its parent has not noticed.
  if (state === "Z") return undefined;
  const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  return { pid, parent: Number(parent), startTime: Number(rest[17]), commandLine };
}

/** As macOS and the BSDs have it; a slim Linux has no `ps`. */
export function fromPs(pid: number): RunningProcess {
  const fields = ["ppid", "lstart", "args"].flatMap((field) => ["-o", `${field}=`]);
  const line = execFileSync("ps", ["-ww", ...fields, "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, parent, started, commandLine] = /^ *(\d+) +(\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}) +(.+)/.exec(line) ?? [];
  if (commandLine === undefined) throw new Error(`ps says ${JSON.stringify(line)} of process ${pid}.`);
  return { pid, parent: Number(parent), startTime: Date.parse(`${started} UTC`), commandLine };
}
