import type { IncomingMessage, ServerResponse } from "node:http";
import { ACCOUNT_ID } from "../account";
import { answerError, type ErrorAnswer } from "../error-answer";
import { readBody } from "../read-body";
import { LAMBDA } from "../served/lambda";
import type { Service } from "../service";
import type { Functions, Invocable } from "./functions";

/** Lambda's own limit for a payload. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Lambda gives the end of the log in a header, and no more. */
const LOG_TAIL_BYTES = 4 * 1024;

const VERSION = "$LATEST";

/** A name, a part of an ARN, or an ARN, each with a version at its end or without. */
const FUNCTION = /^(?:arn:aws:lambda:[\w-]+:)?(?:\d{12}:)?(?:function:)?([\w-]{1,64})(?::([\w$-]{1,128}))?$/;

/**
 * What of Lambda invokes a function of the stack by hand.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class LambdaService implements Service {
  readonly serves = [LAMBDA];

  constructor(
    private readonly functions: Functions,
    private readonly region: string,
  ) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    void this.invoke(request, response);
  }

  private async invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (error: ErrorAnswer) => answerError(request, response, error, "rest-json");
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    // Of a name nothing but a colon and a dollar sign is escaped; anything else names no function.
    const asked = (pathname.split("/")[3] ?? "").replace(/%3A/gi, ":").replace(/%24/g, "$");
    const [, name = asked, version = VERSION] = FUNCTION.exec(asked) ?? [];
    const qualifier = searchParams.get("Qualifier") ?? version;
    const fn = qualifier === VERSION ? this.functions.find(name) : undefined;
    if (!fn) {
      const arn = `arn:aws:lambda:${this.region}:${ACCOUNT_ID}:function:${name}`;
      const message = `Function not found: ${qualifier === VERSION ? arn : `${arn}:${qualifier}`}`;
      return refuse({ status: 404, code: "ResourceNotFoundException", message });
    }
    if (request.headers["x-amz-client-context"] !== undefined) {
      const message = "The local run has no Invoke with X-Amz-Client-Context, which its handlers would not see.";
      return refuse({ status: 501, code: "UnknownOperationException", message });
    }
    const payload = await readBody(request, MAX_PAYLOAD_BYTES);
    if (!payload) {
      const message = `A payload has at most ${MAX_PAYLOAD_BYTES} bytes.`;
      return refuse({ status: 413, code: "RequestTooLargeException", message });
    }
    let event: unknown;
    try {
      event = payload.length === 0 ? {} : JSON.parse(payload.toString());
    } catch (cause) {
      const message = `Could not parse request body into json: ${(cause as Error).message}`;
      return refuse({ status: 400, code: "InvalidRequestContentException", message });
    }
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") response.writeHead(204).end();
    else if (type === "RequestResponse") await answerResult(fn, event, request, response);
    else if (type === "Event") {
      response.writeHead(202, { "Content-Length": 0 }).end();
      await fn.invoke(event, () => undefined).catch(() => undefined); // Its log says how it failed.
    } else {
      const message = `InvocationType is "${type}". It is RequestResponse, Event or DryRun.`;
      refuse({ status: 400, code: "InvalidParameterValueException", message });
    }
  }
}

async function answerResult(
  fn: Invocable,
  event: unknown,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const lines: string[] = [];
  const answer = await fn
    .invoke(event, (line) => lines.push(line))
    .then(
      (result) => ({ body: result ?? null, failed: false }),
      (error: Error) => ({ body: failure(error), failed: true }),
    );
  const body = JSON.stringify(answer.body);
  const log = Buffer.from(`${lines.join("\n")}\n`).subarray(-LOG_TAIL_BYTES);
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "X-Amz-Executed-Version": VERSION,
    ...(answer.failed && { "X-Amz-Function-Error": "Unhandled" }),
    ...(headers["x-amz-log-type"] === "Tail" && { "X-Amz-Log-Result": log.toString("base64") }),
  });
  response.end(body);
}

/** As Lambda tells it: the handler's error, or what ended its process. */
function failure({ message }: Error): object {
  const [, type, text] = /^(\w*(?:Error|Exception)): (.*)$/s.exec(message) ?? [];
  return type === undefined ? { errorMessage: message } : { errorType: type, errorMessage: text };
}
