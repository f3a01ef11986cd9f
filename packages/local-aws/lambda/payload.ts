import { AwsError } from "../protocols/aws-error";

/** Lambda's limit for the payloads of requests and responses. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Lambda's limit for the payload of an asynchronous invocation. */
const MAX_ASYNC_BYTES = 1024 * 1024;

/**
 * Parses a request's payload. Without one, the event is empty.
 *
 * @throws AwsError when it is too large or not JSON.
 */
export function eventFrom(payload: Uint8Array = new Uint8Array(), isAsync: boolean): unknown {
  if (isAsync && payload.length > MAX_ASYNC_BYTES) {
    const message = `${payload.length} byte payload is too large for the Event invocation type (limit ${MAX_ASYNC_BYTES} bytes)`;
    throw new AwsError("RequestTooLargeException", message);
  }
  try {
    return payload.length === 0 ? {} : JSON.parse(Buffer.from(payload).toString());
  } catch (cause) {
    const message = `Could not parse request body into json: ${(cause as Error).message}`;
    throw new AwsError("InvalidRequestContentException", message);
  }
}

/** Returns a response's payload; the error of the function if its result is too large. */
export function payloadOf(result: unknown): { readonly payload: Buffer; readonly isError: boolean } {
  const payload = Buffer.from(JSON.stringify(result ?? null));
  if (payload.length <= MAX_PAYLOAD_BYTES) return { payload, isError: false };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`;
  const error = { errorType: "Function.ResponseSizeTooLarge", errorMessage };
  return { payload: Buffer.from(JSON.stringify(error)), isError: true };
}
