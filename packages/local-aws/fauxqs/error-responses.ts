import type { IncomingMessage, ServerResponse } from "node:http";
import { protocolOf } from "../gateway/requested-action";
import { type AwsError, sendError } from "../protocols/error-response";
import type { FauxqsApp } from "./fastify";
import { S3Error } from "./parts";
import { entryProblem, inputProblem } from "./sqs-input";

/** fauxqs's limit for a body. */
const MAX_BODY_MIB = 11;

const QUERY_ERROR = "x-amzn-query-error";
const SQS_PREFIX = "AWS.SimpleQueueService.";

/**
 * Error codes that SQS prefixes with its service's name; fauxqs prefixes all of them.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
const PREFIXED_CODES = [
  "BatchEntryIdsNotDistinct",
  "BatchRequestTooLong",
  "EmptyBatchRequest",
  "InvalidBatchEntryId",
  "MessageNotInflight",
  "NonExistentQueue",
  "TooManyEntriesInBatchRequest",
  "UnsupportedOperation",
];

/**
 * Makes every error response one of its service: invalid input of SQS is
 * rejected before fauxqs acts on it, and errors that fauxqs throws become
 * errors of the service.
 */
export function addErrorResponses(app: FauxqsApp): void {
  app.addHook("preHandler", (request, reply, done) => {
    // fauxqs relies on the body of a PUT, and an empty object has none.
    if (request.raw.method === "PUT") request.body ??= Buffer.alloc(0);
    const invalid = isSqs(request.raw) ? sqsError(actionOf(request.raw), request.body) : undefined;
    if (!invalid) {
      done();
      return;
    }
    reply.hijack();
    send(request.raw, reply.raw, invalid);
  });
  app.setErrorHandler((error, request, reply) => {
    // A body or a URL that cannot be parsed is an error of the client.
    const status = error instanceof SyntaxError || error instanceof URIError ? 400 : (error.statusCode ?? 500);
    reply.hijack();
    if (error.statusCode === 413) {
      const message = `The request exceeds the limit of ${MAX_BODY_MIB} MiB. Upload a larger object in parts.`;
      send(request.raw, reply.raw, { status: 413, code: "EntityTooLarge", message });
      return;
    }
    if (error instanceof S3Error) {
      send(request.raw, reply.raw, { status, code: error.code, message: error.message });
      return;
    }
    send(request.raw, reply.raw, {
      status,
      code: status < 500 ? "InvalidRequest" : "InternalError",
      message: status < 500 ? error.message : `The local run's emulator (fauxqs) failed: ${error.message}`,
    });
  });
  app.addHook("onSend", async (_request, reply) => {
    const code = String(reply.getHeader(QUERY_ERROR) ?? "");
    if (!code.startsWith(SQS_PREFIX)) return;
    const [name = "", fault] = code.slice(SQS_PREFIX.length).split(";");
    if (!PREFIXED_CODES.includes(name)) reply.header(QUERY_ERROR, `${name};${fault}`);
  });
}

function sqsError(action: string, body: unknown): AwsError | undefined {
  const problem = inputProblem(body);
  if (problem !== undefined) {
    return { status: 400, code: "com.amazonaws.sqs#SerializationException", message: `${problem}.` };
  }
  const [code, message] = entryProblem(action, body) ?? [];
  return code && message ? { status: 400, code: `com.amazonaws.sqs#${code}`, message } : undefined;
}

function isSqs(request: IncomingMessage): boolean {
  return request.method === "POST" && request.url === "/" && targetOf(request).startsWith("AmazonSQS.");
}

function actionOf(request: IncomingMessage): string {
  return targetOf(request).slice("AmazonSQS.".length);
}

function targetOf({ headers }: IncomingMessage): string {
  return String(headers["x-amz-target"]);
}

function send(request: IncomingMessage, response: ServerResponse, error: AwsError): void {
  if (response.headersSent) response.destroy();
  else sendError(request, response, error, protocolOf(request));
}
