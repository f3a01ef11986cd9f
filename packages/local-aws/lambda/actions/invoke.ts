import type { InvocationRequest, InvocationResponse } from "@aws-sdk/client-lambda";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import { InvocationError } from "../execution-environment";
import { LATEST, type Lambda } from "../lambda";

/** Lambda's limit for the payloads of requests and responses. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Lambda's limit for the payload of an asynchronous invocation. */
const MAX_ASYNC_BYTES = 1024 * 1024;

/** Throws for bytes that are not UTF-8. */
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Size of the log tail in a response. */
const LOG_TAIL_BYTES = 4 * 1024;

const TYPES = ["RequestResponse", "Event", "DryRun"];
const LOG_TYPES = ["None", "Tail"];

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const Invoke: Action<InvocationRequest, InvocationResponse, Lambda> = {
  handles: ["FunctionName", "InvocationType", "LogType", "Payload", "Qualifier"],
  differs: "runs at most 10 invocations at the same time; keeps `Event` invocations and their two retries in memory",
  async run(
    { FunctionName, InvocationType: type = "RequestResponse", LogType = "None", Payload = new Uint8Array(), Qualifier },
    lambda,
  ) {
    const fn = lambda.find(FunctionName, Qualifier);
    assertOneOf("InvocationType", type, TYPES);
    assertOneOf("LogType", LogType, LOG_TYPES);
    const event = eventFrom(Payload, type === "Event");
    if (type === "DryRun") return { StatusCode: 204 };
    if (type === "Event") {
      lambda.invokeLater(fn, event);
      return { StatusCode: 202 };
    }
    let tail = "";
    const keepTail = (line: string) => {
      tail = `${tail}${line}\n`.slice(-LOG_TAIL_BYTES);
    };
    const { payload, isError } = await lambda.invoke(fn, event, keepTail).then(payloadOf, (error: unknown) => {
      if (!(error instanceof InvocationError)) throw error;
      return { payload: Buffer.from(JSON.stringify(error.payload)), isError: true };
    });
    return {
      StatusCode: 200,
      ExecutedVersion: LATEST,
      Payload: payload,
      ...(isError && { FunctionError: "Unhandled" }),
      ...(LogType === "Tail" && { LogResult: Buffer.from(tail).subarray(-LOG_TAIL_BYTES).toString("base64") }),
    };
  },
};

function assertOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const message = `Invalid ${name} "${value}": expected one of ${allowed.join(", ")}.`;
  throw new AwsError("InvalidParameterValueException", message);
}

/**
 * Parses a request's payload. Without one, the event is empty.
 *
 * @throws AwsError when it is too large, or not JSON in UTF-8.
 */
function eventFrom(payload: Uint8Array, isAsync: boolean): unknown {
  if (isAsync && payload.length > MAX_ASYNC_BYTES) {
    const message = `${payload.length} byte payload is too large for the Event invocation type (limit ${MAX_ASYNC_BYTES} bytes)`;
    throw new AwsError("RequestTooLargeException", message);
  }
  try {
    return payload.length === 0 ? {} : JSON.parse(UTF_8.decode(payload));
  } catch (cause) {
    const message = `Could not parse request body into json: ${(cause as Error).message}`;
    throw new AwsError("InvalidRequestContentException", message);
  }
}

/** Returns a response's payload; the error of the function if its result is too large. */
function payloadOf(result: unknown): { readonly payload: Buffer; readonly isError: boolean } {
  const payload = Buffer.from(JSON.stringify(result ?? null));
  if (payload.length <= MAX_PAYLOAD_BYTES) return { payload, isError: false };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`;
  const error = { errorType: "Function.ResponseSizeTooLarge", errorMessage };
  return { payload: Buffer.from(JSON.stringify(error)), isError: true };
}
