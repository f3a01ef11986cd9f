import type { styleText } from "node:util";

/** A format of `util.styleText`, such as "bold" or "red". */
export type TextStyle = Exclude<Parameters<typeof styleText>[0], readonly unknown[]>;

export interface StandardOutput {
  /** Aborts when nothing more can be written to stdout. */
  readonly closed: AbortSignal;
  /** The reason, for a person; undefined while stdout is open and when its reader closed it. */
  readonly failure: string | undefined;
}

/**
 * Watches stdout for its end and ignores a stderr that cannot be written to.
 * A reader that closes the pipe (`… | head`) is not a failure; a full disk is.
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

/** Columns of the terminal that stdout is, 80 if it does not say; undefined for a pipe or a file. */
export function terminalColumns(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}
