import type { IncomingMessage, ServerResponse } from "node:http";
import { answerError, type ErrorAnswer } from "../error-answer";
import { protocolOf } from "../served/asked-action";
import { S3Error } from "./parts";
import { wrongEntry } from "./sqs-entries";
import { wrongSqsInput } from "./sqs-input";

interface Request {
  readonly raw: IncomingMessage;
  body: unknown;
}

interface Reply {
  readonly raw: ServerResponse;
  /** Leaves the answer to the caller. */
  hijack(): void;
}

/** The part of fauxqs's Fastify that is used here; it ships no types of its own. */
export interface App {
  addHook(name: "preHandler", hook: (request: Request, reply: Reply, done: () => void) => void): unknown;
  setErrorHandler(
    handler: (error: Error & { readonly statusCode?: number }, request: Request, reply: Reply) => void,
  ): unknown;
}

/** fauxqs reads no larger bodies. */
const MAX_BODY_MIB = 11;

/**
 * Gives every request an answer in its service's own format: what SQS would
 * not take is refused before fauxqs acts on it, and what fauxqs throws becomes
 * an error of the service.
 */
export function answerInFormat(app: App): void {
  app.addHook("preHandler", (request, reply, done) => {
    // fauxqs takes it for granted that a PUT has a body; an empty object has none.
    if (request.raw.method === "PUT") request.body ??= Buffer.alloc(0);
    const refusal = isSqs(request.raw) ? wrongSqsRequest(actionOf(request.raw), request.body) : undefined;
    if (!refusal) {
      done();
      return;
    }
    reply.hijack();
    answer(request.raw, reply.raw, refusal);
  });
  app.setErrorHandler((error, request, reply) => {
    // What cannot be parsed, as JSON or as a URL, is the client's mistake.
    const status = error instanceof SyntaxError || error instanceof URIError ? 400 : (error.statusCode ?? 500);
    reply.hijack();
    if (error.statusCode === 413) {
      const message = `A request has at most ${MAX_BODY_MIB} MiB here; upload a larger object in parts.`;
      answer(request.raw, reply.raw, { status: 413, code: "EntityTooLarge", message });
      return;
    }
    if (error instanceof S3Error) {
      answer(request.raw, reply.raw, { status, code: error.code, message: error.message });
      return;
    }
    answer(request.raw, reply.raw, {
      status,
      code: status < 500 ? "InvalidRequest" : "InternalError",
      message: status < 500 ? error.message : `The local run's fauxqs failed at this request: ${error.message}`,
    });
  });
}

function wrongSqsRequest(action: string, body: unknown): ErrorAnswer | undefined {
  const problem = wrongSqsInput(body);
  if (problem !== undefined) {
    return { status: 400, code: "com.amazonaws.sqs#SerializationException", message: `${problem}.` };
  }
  const [code, message] = wrongEntry(action, body) ?? [];
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

function answer(request: IncomingMessage, response: ServerResponse, error: ErrorAnswer): void {
  if (response.headersSent) response.destroy();
  else answerError(request, response, error, protocolOf(request));
}
