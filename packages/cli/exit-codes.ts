import { INTERRUPTED } from "@event-pipeline/node-process/shutdown-signal";
import type { ErrorKind } from "@event-pipeline/operations/errors";

/** The exit codes of the command. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** Part of the work was done. */
  partly: 3,
  credentials: 4,
  interrupted: INTERRUPTED,
} as const satisfies Record<ErrorKind | string, number>;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
