import { UsageError } from "@event-pipeline/operations/errors";
import type { CommandIo } from "./output";

/**
 * Asks a question on stderr.
 *
 * @param typed - The text to type for what cannot be undone. @default - asks for yes or no
 * @throws UsageError when there is no terminal to ask on.
 */
export async function confirm(io: CommandIo, question: string, typed?: string): Promise<boolean> {
  if (!io.stdin.isTTY) {
    const flags = typed === undefined ? "--yes, or --dry-run to send nothing" : `${typed} and --yes`;
    throw new UsageError(`${question} There is no terminal to answer on. Give ${flags}.`);
  }
  const prompts = await import("@clack/prompts");
  const answer =
    typed === undefined
      ? await prompts.confirm({ message: question, initialValue: false, ...promptOptions(io) })
      : await prompts.text({ message: `${question} Type ${typed} to confirm:`, ...promptOptions(io) });
  // A canceled prompt answers with a symbol.
  return answer === (typed ?? true);
}

/**
 * Writes prompts to stderr, and cancels them at Ctrl-D and at the end of stdin,
 * for which clack would wait forever. In a prompt Ctrl-C is a key and no signal.
 */
function promptOptions({ stdin, stderr }: CommandIo) {
  const ended = new AbortController();
  stdin.once("end", () => ended.abort());
  stdin.on("keypress", (_text, { ctrl, name }: { ctrl?: boolean; name?: string }) => {
    if (ctrl && name === "d") ended.abort();
    if (ctrl && name === "c") process.emit("SIGINT");
  });
  return { input: stdin, output: stderr, signal: ended.signal };
}
