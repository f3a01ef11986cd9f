/** Milliseconds within which two signals count as one: npm and npx forward a Ctrl-C that the process received already. */
const SAME_SIGNAL_MS = 500;

/** Exit code that shells report for a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Aborts at the first SIGINT (Ctrl-C), SIGTERM or SIGHUP. A second SIGINT or
 * SIGTERM ends the process at once, with exit code 130. Call it once per process.
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
  // A closed terminal is not a second interrupt; it sends SIGHUP before or after another signal.
  process.on("SIGHUP", () => controller.abort());
  return controller.signal;
}

/** Exits the process `timeoutMs` after the signal aborts, even if work is still running. */
export function exitAfterShutdown(signal: AbortSignal, timeoutMs: number, exitCode: number): void {
  signal.addEventListener("abort", () => {
    setTimeout(() => process.exit(exitCode), timeoutMs).unref();
  });
}
