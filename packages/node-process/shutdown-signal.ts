/** Milliseconds in which two signals count as one: on Ctrl-C, npm and npx send the process a second signal. */
const SAME_SIGNAL_MS = 500;

/** Exit code of a process that Ctrl-C ended: 128 + the number of SIGINT. */
export const INTERRUPTED = 130;

/**
 * Returns a signal that aborts on the first SIGINT (Ctrl-C), SIGTERM or SIGHUP. A second
 * SIGINT or SIGTERM exits the process immediately with code 130. Call this once per process.
 *
 * @example
 * const signal = AbortSignal.any([shutdownSignal(), output.closed]);
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const receive = () => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", receive).on("SIGTERM", receive);
  // SIGHUP never counts as the second signal, because closing a terminal may send it with another signal.
  process.on("SIGHUP", () => controller.abort());
  return controller.signal;
}

/** Exits the process `timeoutMs` after the signal aborts, even if work is still running. */
export function exitAfterShutdown(signal: AbortSignal, timeoutMs: number, exitCode: number): void {
  signal.addEventListener("abort", () => {
    setTimeout(() => process.exit(exitCode), timeoutMs).unref();
  });
}
