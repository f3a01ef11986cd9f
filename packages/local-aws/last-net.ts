import { AsyncLocalStorage } from "node:async_hooks";

/** Called with what a request's own code threw where nobody catches: in a callback or a stream. */
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
 * Runs an emulator's code for one request, so that what it throws, now or in a
 * callback later, is that request's alone and does not end the process.
 */
export function underNet(onThrown: OnThrown, run: () => void): void {
  requests.run(onThrown, () => {
    try {
      run();
    } catch (error) {
      onThrown(error as Error);
    }
  });
}
