/** Something that the person who started the local run can put right; shown as one line, without a stack. */
export class LocalRunError extends Error {
  override readonly name = "LocalRunError";
}
