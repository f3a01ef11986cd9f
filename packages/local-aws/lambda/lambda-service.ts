import type { IncomingMessage, ServerResponse } from "node:http";
import { ACCOUNT_ID } from "../account";
import type { Service } from "../gateway/gateway";
import { readBody } from "../gateway/request-body";
import { AwsError } from "../protocols/responses";
import { LAMBDA } from "../supported-actions";

/** A Lambda function that clients can invoke. */
export interface Invocable {
  readonly name: string;
  /**
   * Invokes the handler.
   *
   * @param onLine - Called with each line that the handler logs in this invocation.
   * @throws Error when the handler or the runtime fails.
   */
  invoke(event: unknown, onLine: (line: string) => void): Promise<unknown>;
}

/** Lambda's payload limit. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Size of the log tail in the `X-Amz-Log-Result` header. */
const LOG_TAIL_BYTES = 4 * 1024;

const VERSION = "$LATEST";

/** Matches a function's name, partial ARN or ARN, with or without a version. */
const FUNCTION_IDENTIFIER = /^(?:arn:aws:lambda:[\w-]+:)?(?:\d{12}:)?(?:function:)?([\w-]{1,64})(?::([\w$-]{1,128}))?$/;

/**
 * Creates a Lambda emulator that only invokes functions.
 *
 * @param functions - Functions by name.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function lambdaService(functions: ReadonlyMap<string, Invocable>, region: string): Service {
  const functionOf = (url: string): Invocable => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    // In a valid identifier, clients escape only colons and dollar signs.
    const identifier = (pathname.split("/")[3] ?? "").replace(/%3A/gi, ":").replace(/%24/g, "$");
    const [, name = identifier, version = VERSION] = FUNCTION_IDENTIFIER.exec(identifier) ?? [];
    const qualifier = searchParams.get("Qualifier") ?? version;
    const fn = qualifier === VERSION ? functions.get(name) : undefined;
    if (fn) return fn;
    const arn = `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:${name}`;
    const message = `Function not found: ${qualifier === VERSION ? arn : `${arn}:${qualifier}`}`;
    throw new AwsError("ResourceNotFoundException", message, 404);
  };
  return {
    services: [LAMBDA],
    async handle(request, response) {
      const { headers, url = "" } = request;
      const fn = functionOf(url);
      if (headers["x-amz-client-context"] !== undefined) {
        const message = "The local run does not support Invoke with X-Amz-Client-Context.";
        throw new AwsError("UnknownOperationException", message, 501);
      }
      const event = parse(await readBody(request, MAX_PAYLOAD_BYTES, "RequestTooLargeException"));
      const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
      if (type === "DryRun") response.writeHead(204).end();
      else if (type === "RequestResponse") await sendResult(fn, event, request, response);
      else if (type === "Event") {
        response.writeHead(202, { "Content-Length": 0 }).end();
        await fn.invoke(event, () => undefined).catch(() => undefined); // The function's log contains the error.
      } else {
        const message = `Invalid InvocationType "${type}": expected RequestResponse, Event or DryRun.`;
        throw new AwsError("InvalidParameterValueException", message);
      }
    },
  };
}

function parse(payload: Buffer): unknown {
  try {
    return payload.length === 0 ? {} : JSON.parse(payload.toString());
  } catch (cause) {
    const message = `Could not parse request body into json: ${(cause as Error).message}`;
    throw new AwsError("InvalidRequestContentException", message);
  }
}

async function sendResult(
  fn: Invocable,
  event: unknown,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const lines: string[] = [];
  const outcome = await fn
    .invoke(event, (line) => lines.push(line))
    .then(
      (result) => ({ body: result ?? null, failed: false }),
      (error: Error) => ({ body: errorPayload(error), failed: true }),
    );
  const body = JSON.stringify(outcome.body);
  const log = Buffer.from(`${lines.join("\n")}\n`).subarray(-LOG_TAIL_BYTES);
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "X-Amz-Executed-Version": VERSION,
    ...(outcome.failed && { "X-Amz-Function-Error": "Unhandled" }),
    ...(headers["x-amz-log-type"] === "Tail" && { "X-Amz-Log-Result": log.toString("base64") }),
  });
  response.end(body);
}

/** Returns the payload of an error in Lambda's format. */
function errorPayload({ message }: Error): object {
  const [, type, text] = /^(\w*(?:Error|Exception)): (.*)$/s.exec(message) ?? [];
  return type === undefined ? { errorMessage: message } : { errorType: type, errorMessage: text };
}
