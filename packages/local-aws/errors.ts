/** Something that the person who started the local run can put right; shown as one line, without a stack. */
export class LocalRunError extends Error {
  override readonly name: string = "LocalRunError";
  /** What the run ends with: 2, wrong usage. */
  readonly exitCode: number = 2;
}

/** The folder that keeps the data takes no more, so that nothing can be acknowledged, or gives back other than it took. */
export class DiskError extends LocalRunError {
  override readonly name = "DiskError";
  override readonly exitCode = 1;

  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      isDamage(cause)
        ? `The data in the folder "${folder}" is damaged: ${why}. Put back a copy of the folder, or begin anew in another: --data-dir FOLDER.`
        : `The folder "${folder}" cannot be written to: ${why}. What was acknowledged is kept there; make room and start again.`,
      { cause },
    );
  }
}

/** SQLite's codes for a file that is not as it was written. */
const DAMAGED = new Set([11, 26]); // CORRUPT, NOTADB

function isDamage(cause: unknown): boolean {
  const { code, errcode = 0 } = Object(cause) as { code?: string; errcode?: number };
  return code === "LEVEL_CORRUPTION" || DAMAGED.has(errcode & 0xff);
}
