import type { ErrorKind } from "@event-pipeline/operations/errors";

/** What the command ends with. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** Some of it is done, and some is not. */
  partly: 3,
  credentials: 4,
  /** Ctrl-C, as a shell reports it. */
  interrupted: 130,
} as const satisfies Record<ErrorKind | string, number>;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
