/** An error that the user of the local run can fix. It is printed in one line, without a stack. */
export class LocalRunError extends Error {
  override readonly name: string = "LocalRunError";
  /** Exit code of the run: 2, invalid usage. */
  readonly exitCode: number = 2;
}

/** The data folder cannot be written to, so nothing can be acknowledged, or its data is damaged. */
export class DiskError extends LocalRunError {
  override readonly name = "DiskError";
  override readonly exitCode = 1;

  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      isDamage(cause)
        ? `The data in the folder "${folder}" is damaged: ${why}. Restore a copy, or choose a new folder: --data-dir <folder>.`
        : `Cannot write to the folder "${folder}": ${why}. All acknowledged data is there. Free some space and start again.`,
      { cause },
    );
  }
}

/** SQLite's codes for a damaged file: CORRUPT and NOTADB. */
const DAMAGED = new Set([11, 26]);

function isDamage(cause: unknown): boolean {
  const { code, errcode = 0 } = Object(cause) as { code?: string; errcode?: number };
  return code === "LEVEL_CORRUPTION" || DAMAGED.has(errcode & 0xff);
}
