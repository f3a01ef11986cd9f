/**
 * Thrown for options that AWS would reject or that would lose events. Lists every problem at once.
 *
 * @example
 * try {
 *   new EventPipeline(stack, "orders", { name: "orders", region: "eu-central-1", batchSize: 0 });
 * } catch (error) {
 *   if (error instanceof InvalidOptionsError) console.error(error.problems);
 * }
 */
export class InvalidOptionsError extends Error {
  override readonly name = "InvalidOptionsError";

  /** @param problems - Sentences that name an option, its value, what is allowed and what to do. */
  constructor(readonly problems: readonly string[]) {
    super(`The pipeline's options are invalid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

const MAX_SHOWN_CHARACTERS = 200;

/** Formats a value for a message: as JSON if possible, and at most 200 characters. */
export function formatValue(value: unknown): string {
  const text = jsonOf(value) ?? (typeof value === "object" ? "a value that is not JSON" : String(value));
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  return `${text.slice(0, MAX_SHOWN_CHARACTERS)}… (${text.length} characters)`;
}

/** Returns undefined for a value that JSON does not have, that contains itself, or that is nested too deeply. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
