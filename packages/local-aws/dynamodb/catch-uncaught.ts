import { AsyncLocalStorage } from "node:async_hooks";

/** Called with an error that a request's code threw in a callback or a stream. */
type OnThrown = (error: Error) => void;

const requests = new AsyncLocalStorage<OnThrown>();

process.on("uncaughtException", (error) => {
  const onThrown = requests.getStore();
  if (onThrown) {
    onThrown(error);
    return;
  }
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});

/**
 * Runs an emulator's code for one request. An error that it throws, at once or
 * later in a callback, fails that request and does not end the process.
 */
export function catchUncaught(onThrown: OnThrown, run: () => void): void {
  requests.run(onThrown, () => {
    try {
      run();
    } catch (error) {
      onThrown(error as Error);
    }
  });
}
