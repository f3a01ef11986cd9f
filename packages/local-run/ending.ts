/** Milliseconds from the reason to stop to the end at the latest. */
const ENDING_MS = 4_500;

/** Milliseconds within which two signals are one. */
const SAME_SIGNAL_MS = 500;

/** What a shell reports of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Resolves when the run is to end: at the first Ctrl-C, SIGTERM or SIGHUP, or when
 * standard output takes no more, as after `npm start | head -3`. A second
 * signal ends the process at once.
 *
 * @param exitCode - Of a run that still hangs when its time is up.
 */
export function reasonToStop(exitCode: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      // Longer than what is under way gets to finish; whatever still hangs then must not keep the process.
      setTimeout(() => process.exit(exitCode), ENDING_MS).unref();
      resolve();
    };
    onSignal(stop);
    onUnwritableOutput(stop);
  });
}

function onSignal(stop: () => void): void {
  let first: number | undefined;
  const received = () => {
    // npm passes on the Ctrl-C that the terminal sent to every process already: both are one.
    if (first !== undefined && performance.now() - first > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
    if (first !== undefined) return;
    first = performance.now();
    stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, received);
  // Nobody is left to be impatient; it may come with, or after, another signal.
  process.on("SIGHUP", stop);
}

/** Whoever read the output may have what they wanted, so that is no failure; a full disk is. */
function onUnwritableOutput(stop: () => void): void {
  let isUnwritable = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (isUnwritable) return; // Each write that was under way says so once more.
    isUnwritable = true;
    if (error.code !== "EPIPE") {
      process.stderr.write(`Standard output cannot be written to, so the run stops: ${error.message}.\n`);
      process.exitCode = 1;
    }
    stop();
  });
  // There is nowhere left to say it.
  process.stderr.on("error", () => undefined);
}
