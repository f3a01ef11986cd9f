import { type ProcessId, readProcess } from "./process-table";

/** The CLI, or its fork's, as Node.js runs it: a shell above may name it too, and ends earlier. */
const CLI = /(?:^|[\\/])node\S* .*[\\/]cdkt[fn](\.js)?( |$)/;

/** Whether the cdktf CLI runs this process: it adds a key to the context, which a user may have set as well. */
export function isRunByCdktf({ CDKTF_CONTEXT_JSON }: NodeJS.ProcessEnv): boolean {
  return CDKTF_CONTEXT_JSON?.includes('"cdktfRelativeModules"') ?? false;
}

/** The cdktf command above this process. Its pid is 0 where the system does not tell. */
export function cdktfCommand(): ProcessId {
  try {
    let above = readProcess(process.ppid);
    while (above && !isCli(above.commandLine)) above = readProcess(above.parent);
    if (above) return above;
  } catch {
    // As on Windows, or in a container without the process.
  }
  return { pid: 0, startTime: 0 };
}

/** Whether a command line is the CLI's. The folder of Node.js may have spaces in its name. */
export function isCli(commandLine: string): boolean {
  return CLI.test(commandLine);
}

export function thisProcess(): ProcessId {
  const { pid } = process;
  try {
    return readProcess(pid) ?? { pid, startTime: 0 };
  } catch {
    // Of Windows' processes only the pid is known.
    return { pid, startTime: 0 };
  }
}
