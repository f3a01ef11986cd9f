import type { IncomingMessage, ServerResponse } from "node:http";
import { ACCOUNT_ID } from "../account";
import { readBody } from "../gateway/read-body";
import type { Service } from "../gateway/service";
import { type AwsError, sendError } from "../protocols/error-response";
import { LAMBDA } from "../supported-actions";

/** A function that can be invoked. */
export interface Invocable {
  readonly name: string;
  /**
   * Invokes the handler.
   *
   * @param onLine - Called with each line that the handler logs in this invocation.
   * @throws Error of the handler or the runtime.
   */
  invoke(event: unknown, onLine: (line: string) => void): Promise<unknown>;
}

/** The functions of a run by name. */
export class Functions {
  private readonly functionsByName = new Map<string, Invocable>();

  add(fn: Invocable): void {
    this.functionsByName.set(fn.name, fn);
  }

  find(name: string): Invocable | undefined {
    return this.functionsByName.get(name);
  }
}

/** Lambda's limit for a payload. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Size of the log tail in the response header. */
const LOG_TAIL_BYTES = 4 * 1024;

const VERSION = "$LATEST";

/** A name, a partial ARN or an ARN, with or without a version. */
const FUNCTION = /^(?:arn:aws:lambda:[\w-]+:)?(?:\d{12}:)?(?:function:)?([\w-]{1,64})(?::([\w$-]{1,128}))?$/;

/**
 * The Invoke action of Lambda.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class LambdaService implements Service {
  readonly services = [LAMBDA];

  constructor(
    private readonly functions: Functions,
    private readonly region: string,
  ) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    void this.invoke(request, response);
  }

  private async invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reject = (error: AwsError) => sendError(request, response, error, "rest-json");
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    // In a valid name, only a colon or a dollar sign is escaped.
    const identifier = (pathname.split("/")[3] ?? "").replace(/%3A/gi, ":").replace(/%24/g, "$");
    const [, name = identifier, version = VERSION] = FUNCTION.exec(identifier) ?? [];
    const qualifier = searchParams.get("Qualifier") ?? version;
    const fn = qualifier === VERSION ? this.functions.find(name) : undefined;
    if (!fn) {
      const arn = `arn:aws:lambda:${this.region}:${ACCOUNT_ID}:function:${name}`;
      const message = `Function not found: ${qualifier === VERSION ? arn : `${arn}:${qualifier}`}`;
      return reject({ status: 404, code: "ResourceNotFoundException", message });
    }
    if (request.headers["x-amz-client-context"] !== undefined) {
      const message = "The local run does not support Invoke with X-Amz-Client-Context.";
      return reject({ status: 501, code: "UnknownOperationException", message });
    }
    const payload = await readBody(request, MAX_PAYLOAD_BYTES);
    if (!payload) {
      const message = `The payload exceeds the limit of ${MAX_PAYLOAD_BYTES} bytes.`;
      return reject({ status: 413, code: "RequestTooLargeException", message });
    }
    let event: unknown;
    try {
      event = payload.length === 0 ? {} : JSON.parse(payload.toString());
    } catch (cause) {
      const message = `Could not parse request body into json: ${(cause as Error).message}`;
      return reject({ status: 400, code: "InvalidRequestContentException", message });
    }
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") response.writeHead(204).end();
    else if (type === "RequestResponse") await respondWithResult(fn, event, request, response);
    else if (type === "Event") {
      response.writeHead(202, { "Content-Length": 0 }).end();
      await fn.invoke(event, () => undefined).catch(() => undefined); // The log contains the error.
    } else {
      const message = `Invalid InvocationType "${type}": expected RequestResponse, Event or DryRun.`;
      reject({ status: 400, code: "InvalidParameterValueException", message });
    }
  }
}

async function respondWithResult(
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

/** Returns the error in Lambda's format. */
function failure({ message }: Error): object {
  const [, type, text] = /^(\w*(?:Error|Exception)): (.*)$/s.exec(message) ?? [];
  return type === undefined ? { errorMessage: message } : { errorType: type, errorMessage: text };
}
