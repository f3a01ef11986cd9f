/** Something that the person who started the local run can put right; shown as one line, without a stack. */
export class LocalRunError extends Error {
  override readonly name: string = "LocalRunError";
  /** What the run ends with: 2, wrong usage. */
  readonly exitCode: number = 2;
}

/** The folder that keeps the data takes no more, so that nothing can be acknowledged. */
export class DiskError extends LocalRunError {
  override readonly name = "DiskError";
  override readonly exitCode = 1;

  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `The folder "${folder}" cannot be written to: ${why}. What was acknowledged is kept there; make room and start again.`,
      { cause },
    );
  }
}
