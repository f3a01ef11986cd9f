/** Options that AWS would refuse, or that would lose events; says every reason at once. */
export class InvalidOptionsError extends Error {
  override readonly name = "InvalidOptionsError";

  /** @param problems - Sentences that name an option, its value, what is allowed and the way out. */
  constructor(readonly problems: readonly string[]) {
    super(`The pipeline's options are not valid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}
