import { UsageError } from "@event-pipeline/operations/errors";
import type { CommandIo } from "./output";

/**
 * Asks a yes-or-no question on stderr, unless `--yes` is given.
 *
 * @throws UsageError when there is no terminal to ask on.
 */
export async function confirm(io: CommandIo, question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!io.stdin.isTTY) {
    throw new UsageError(`${question} There is no terminal to answer on. Give --yes, or --dry-run to send nothing.`);
  }
  const prompts = await import("@clack/prompts");
  const answer = await prompts.confirm({ message: question, initialValue: false, ...promptOptions(io) });
  return !prompts.isCancel(answer) && answer;
}

/** Asks the user to type a text, for what cannot be undone. */
export async function confirmByTyping(io: CommandIo, question: string, expected: string): Promise<boolean> {
  if (!io.stdin.isTTY) {
    throw new UsageError(`${question} There is no terminal to answer on. Give ${expected} and --yes.`);
  }
  const { text, isCancel } = await import("@clack/prompts");
  const answer = await text({ message: `${question} Type ${expected} to confirm:`, ...promptOptions(io) });
  return !isCancel(answer) && answer === expected;
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
