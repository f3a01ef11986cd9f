import { type ProcessId, readProcess } from "./process-table";

/** Returns whether the cdktf CLI runs this process. The CLI adds a key to the context; a user may also set the context. */
export function isRunByCdktf({ CDKTF_CONTEXT_JSON }: NodeJS.ProcessEnv): boolean {
  return CDKTF_CONTEXT_JSON?.includes('"cdktfRelativeModules"') ?? false;
}

/** Returns the cdktf command that runs this process. Its pid is 0 if the system does not report processes. */
export function cdktfCommand(): ProcessId {
  try {
    let above = readProcess(process.ppid);
    while (above && !isCli(above.commandLine)) above = readProcess(above.parent);
    if (above) return above;
  } catch {
    // Windows reports no processes, and a container may hide the CLI.
  }
  return { pid: 0, startTime: 0 };
}

/** Returns whether Node.js runs the CLI or its fork. The path of Node.js may have spaces. A shell's command line does not count. */
export function isCli(commandLine: string): boolean {
  return /(?:^|[\\/])node\S* .*[\\/]cdkt[fn](\.js)?( |$)/.test(commandLine);
}

export function thisProcess(): ProcessId {
  const { pid } = process;
  try {
    return readProcess(pid) ?? { pid, startTime: 0 };
  } catch {
    // Windows reports only the pid.
    return { pid, startTime: 0 };
  }
}
