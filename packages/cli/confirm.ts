import { UsageError } from "@event-pipeline/operations/errors";

/**
 * Whether the person agrees, or has with `--yes`. Asked on stderr: stdout is for data.
 *
 * @throws UsageError where there is nobody to ask.
 */
export async function agreed(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY)
    throw new UsageError(`${question} There is no terminal to answer at: give --yes, or --dry-run.`);
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message: question, initialValue: false, ...asking() });
  return !isCancel(answer) && answer;
}

/** As `agreed`, where a yes is too little: the person types `expected`. */
export async function typed(question: string, expected: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UsageError(`${question} There is no terminal to answer at: give ${expected} and --yes.`);
  }
  const { text, isCancel } = await import("@clack/prompts");
  const answer = await text({ message: `${question} Type ${expected} to go on:`, ...asking() });
  return !isCancel(answer) && answer === expected;
}

/**
 * Where a question is shown, and what takes it back: Ctrl-D and the terminal's
 * end too, at which clack would wait for ever. Ctrl-C is typed here and no
 * signal; it interrupts the command all the same.
 */
function asking(): { readonly output: NodeJS.WriteStream; readonly signal: AbortSignal } {
  const ended = new AbortController();
  process.stdin.once("end", () => ended.abort());
  process.stdin.on("keypress", (_text, { ctrl, name }: { ctrl?: boolean; name?: string }) => {
    if (ctrl && name === "d") ended.abort();
    if (ctrl && name === "c") process.emit("SIGINT");
  });
  return { output: process.stderr, signal: ended.signal };
}
