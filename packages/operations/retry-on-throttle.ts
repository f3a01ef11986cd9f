import { backoffMs } from "@event-pipeline/event-model/batching";
import { isThrottled } from "./aws-errors";
import { pause } from "./pause";

/** The SDK has asked three times by itself each time. */
const MAX_RETRIES = 10;

/**
 * Asks again while AWS throttles, for some ten seconds.
 *
 * @throws what `ask` throws otherwise, and in the end.
 */
export async function retryOnThrottle<T>(ask: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isThrottled(error) || retry === MAX_RETRIES) throw error;
      await pause(backoffMs(retry));
    }
  }
}
