import type { Readable, Writable } from "node:stream";
import type { StandardOutput } from "@event-pipeline/node-process/standard-output";

/** A stream that may be a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The streams and the environment of a command: the process's own streams, or those of a test. */
export interface CommandIo extends StandardOutput {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborts when the user interrupts the command. */
  readonly interrupted: AbortSignal;
}
