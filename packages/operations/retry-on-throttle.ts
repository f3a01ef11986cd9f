import { backoffMs } from "@event-pipeline/event-model/batching";
import { isThrottled } from "./aws-errors";
import { pause } from "./clock";

/** The SDK retries three times by itself before each of these. */
const MAX_RETRIES = 10;

/**
 * Retries a request while AWS throttles it, for about ten seconds.
 *
 * @throws the error of the request: any other at once, and throttling after the last retry.
 * @example
 * const { Attributes } = await retryOnThrottle(() => sqs.send(command));
 */
export async function retryOnThrottle<T>(request: () => Promise<T>): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await request();
    } catch (error) {
      if (!isThrottled(error) || retry === MAX_RETRIES) throw error;
      await pause(backoffMs(retry));
    }
  }
}
