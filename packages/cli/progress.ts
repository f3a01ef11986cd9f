import type { Output } from "./output";

/** Milliseconds between two updates. The first is immediate. */
const INTERVAL_MS = 100;
/** Moves to the beginning of the line and clears it. */
const CLEAR_LINE = "\r\u001b[K";

/**
 * Shows a progress line on stderr while some work runs, if stderr is a terminal.
 * A spinner of `@clack/prompts` would read stdin, which may be the data.
 *
 * @param state - Returns the line's text.
 */
export async function withProgress<T>(output: Output, state: () => string, work: () => Promise<T>): Promise<T> {
  const { stderr, env } = output.io;
  if (!stderr.isTTY || env.TERM === "dumb") return work();
  let isShown = false;
  const clear = () => {
    if (isShown) stderr.write(CLEAR_LINE);
    isShown = false;
  };
  const show = () => {
    isShown = true;
    const line = output.paintNote("dim", state().slice(0, (stderr.columns || 80) - 1));
    stderr.write(`${CLEAR_LINE}${output.shown(line)}`);
  };
  // Data may go to the same terminal.
  output.beforeWrite = clear;
  show();
  const timer = setInterval(show, INTERVAL_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    output.beforeWrite = undefined;
    clear();
  }
}

/** Returns a function that formats the rate since now: `12/s`. */
export function rateFromNow(): (count: number) => string {
  const start = performance.now();
  return (count) => `${(count / ((performance.now() - start) / 1_000)).toFixed(0)}/s`;
}
