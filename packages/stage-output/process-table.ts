import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Identifies a process. If the system reuses the PID, the start time differs. */
export interface ProcessId {
  readonly pid: number;
  /** Start time, in a unit that depends on the operating system. */
  readonly startTime: number;
}

interface RunningProcess extends ProcessId {
  readonly parent: number;
  readonly commandLine: string;
}

/**
 * Returns a running process.
 *
 * @returns undefined if no process has the PID.
 * @throws Error if the system cannot report processes, as on Windows.
 */
export function readProcess(pid: number): RunningProcess | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
  }
  return process.platform === "linux" ? readProcessFromProc(pid) : readProcessWithPs(pid);
}

function readProcessFromProc(pid: number): RunningProcess | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The fields follow the program's name, which is in parentheses and may contain parentheses.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie process has ended, but its parent has not read its exit status.
  if (state === "Z") return undefined;
  const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  return { pid, parent: Number(parent), startTime: Number(rest[17]), commandLine };
}

/** Reads a process with `ps`, on macOS and BSD. Slim Linux images have no `ps`. */
export function readProcessWithPs(pid: number): RunningProcess {
  const fields = ["ppid", "lstart", "args"].flatMap((field) => ["-o", `${field}=`]);
  const line = execFileSync("ps", ["-ww", ...fields, "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, parent, started, commandLine] = /^ *(\d+) +(\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}) +(.+)/.exec(line) ?? [];
  if (commandLine === undefined)
    throw new Error(`Cannot parse the output of ps for process ${pid}: ${JSON.stringify(line)}.`);
  return { pid, parent: Number(parent), startTime: Date.parse(`${started} UTC`), commandLine };
}

/** Returns the cdktf command that started this process; PID 0 if the command cannot be found. */
export function cdktfCommand(): ProcessId {
  try {
    let above = readProcess(process.ppid);
    while (above && !isCli(above.commandLine)) above = readProcess(above.parent);
    if (above) return above;
  } catch {
    // Windows cannot report processes, and a container may hide the CLI.
  }
  return { pid: 0, startTime: 0 };
}

/** Returns whether Node.js runs the cdktf or cdktn CLI. False for a shell that starts the CLI. */
export function isCli(commandLine: string): boolean {
  return /(?:^|[\\/])node\S* .*[\\/]cdkt[fn](\.js)?( |$)/.test(commandLine);
}

export function thisProcess(): ProcessId {
  const { pid } = process;
  try {
    return readProcess(pid) ?? { pid, startTime: 0 };
  } catch {
    // Windows reports only the PID.
    return { pid, startTime: 0 };
  }
}
