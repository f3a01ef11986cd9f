import type { styleText } from "node:util";

/** A style of `util.styleText`, such as "bold" or "red". */
export type TextStyle = Exclude<Parameters<typeof styleText>[0], readonly unknown[]>;

export interface StandardOutput {
  /** Aborts when a write to stdout fails. */
  readonly closed: AbortSignal;
  /** Error message of a failed write; undefined before a failure, and if the reader closed the pipe. */
  readonly failure: string | undefined;
}

/**
 * Reports when a write to stdout fails, and ignores failed writes to stderr. A full disk
 * is a failure. A reader that closes the pipe (`… | head`) ends the output without one.
 */
export function watchStandardOutput(): StandardOutput {
  const controller = new AbortController();
  let failure: string | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") failure ??= `Cannot write to standard output: ${error.message}.`;
    controller.abort();
  });
  process.stderr.on("error", () => undefined);
  return {
    closed: controller.signal,
    get failure() {
      return failure;
    },
  };
}

/** Returns the columns of the terminal on stdout (80 if unknown); undefined if stdout is a pipe or a file. */
export function terminalColumns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}
