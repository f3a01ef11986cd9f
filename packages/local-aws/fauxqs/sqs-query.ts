import type { IncomingMessage, ServerResponse } from "node:http";
import { answerError } from "../error-answer";
import { fromQuery, toQuery } from "../sqs/query-protocol";

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** The part of fauxqs's Fastify that is used here. */
interface App {
  inject(request: object): Promise<Answer>;
}

/**
 * Answers SQS's query protocol, which clients before 2023 speak: the AWS CLI
 * 2.9 of Debian 12 among them. fauxqs has the JSON protocol only.
 */
export async function answerSqsQuery(
  app: App,
  action: string,
  request: IncomingMessage,
  response: ServerResponse,
  form: URLSearchParams,
): Promise<void> {
  const queueUrl = `http://${request.headers.host}${request.url?.split("?")[0]}`;
  // A request to a queue's own URL need not name the queue again.
  const ofQueue = /^\/\d{12}\/[\w.-]+$/.test(new URL(queueUrl).pathname) ? { QueueUrl: queueUrl } : {};
  const { host, authorization } = request.headers;
  const answer = await app.inject({
    method: "POST",
    url: "/",
    headers: {
      ...(authorization !== undefined && { authorization }),
      host,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AmazonSQS.${action}`,
    },
    payload: JSON.stringify({ ...ofQueue, ...fromQuery(action, form) }),
  });
  const body = JSON.parse(answer.body) as { __type?: string; message?: string };
  if (answer.statusCode !== 200) {
    const [code = ""] = String(answer.headers["x-amzn-query-error"] ?? "").split(";");
    const { __type = "InternalError", message = "" } = body;
    const error = { status: answer.statusCode, code: code || __type.replace(/^.*#/, ""), message };
    answerError(request, response, error, "query");
    return;
  }
  const xml = toQuery(action, body);
  response.writeHead(200, { "Content-Type": "text/xml", "Content-Length": Buffer.byteLength(xml) }).end(xml);
}
