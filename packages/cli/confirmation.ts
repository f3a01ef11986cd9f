import { UsageError } from "@event-pipeline/operations/errors";
import type { CommandIo } from "./output";

/**
 * Asks for a confirmation on stderr, and returns whether the user confirmed.
 *
 * @param typed - The text that the user must type, for an action that cannot be undone. @default - asks for yes or no
 * @throws UsageError when stdin is not a terminal.
 */
export async function confirm(io: CommandIo, question: string, typed?: string): Promise<boolean> {
  if (!io.stdin.isTTY) {
    const flags = typed === undefined ? "--yes, or --dry-run to send nothing" : `${typed} and --yes`;
    throw new UsageError(`${question} Cannot ask for a confirmation, because stdin is not a terminal. Give ${flags}.`);
  }
  const prompts = await import("@clack/prompts");
  const answer =
    typed === undefined
      ? await prompts.confirm({ message: question, initialValue: false, ...promptOptions(io) })
      : await prompts.text({ message: `${question} Type ${typed} to confirm:`, ...promptOptions(io) });
  // A canceled prompt returns a symbol.
  return answer === (typed ?? true);
}

/**
 * Returns options that write a prompt to stderr. They cancel it at SIGTERM, at Ctrl-D and at the
 * end of stdin, which clack ignores. During a prompt, Ctrl-C is a key press instead of a signal.
 */
function promptOptions({ stdin, stderr, interrupted }: CommandIo) {
  const ended = new AbortController();
  stdin.once("end", () => ended.abort());
  stdin.on("keypress", (_text, { ctrl, name }: { ctrl?: boolean; name?: string }) => {
    if (ctrl && name === "d") ended.abort();
    if (ctrl && name === "c") process.emit("SIGINT");
  });
  return { input: stdin, output: stderr, signal: AbortSignal.any([ended.signal, interrupted]) };
}
