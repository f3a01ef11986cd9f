import { EXIT_CODES } from "./exit-codes";

/** Milliseconds within which two signals are one: npx passes on the Ctrl-C that the terminal sent already. */
const SAME_SIGNAL_MS = 500;

/** Aborts at the first Ctrl-C, SIGTERM or SIGHUP; a second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  const onSignal = () => {
    if (first !== undefined && performance.now() - first > SAME_SIGNAL_MS) process.exit(EXIT_CODES.interrupted);
    first ??= performance.now();
    controller.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return controller.signal;
}
