import type { IncomingMessage, ServerResponse } from "node:http";
import { sendError } from "../protocols/error-response";
import { fromQuery, toQuery } from "../sqs/query-protocol";
import type { FauxqsApp } from "./fastify";

/**
 * Handles a request in SQS's query protocol by a request to fauxqs, which has
 * the JSON protocol only. Clients from before 2023 use the query protocol, such
 * as the AWS CLI 2.9 of Debian 12.
 */
export async function handleSqsQuery(
  app: FauxqsApp,
  action: string,
  request: IncomingMessage,
  response: ServerResponse,
  form: URLSearchParams,
): Promise<void> {
  const queueUrl = `http://${request.headers.host}${request.url?.split("?")[0]}`;
  // A request to a queue's URL may omit the parameter.
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
    sendError(request, response, error, "query");
    return;
  }
  const xml = toQuery(action, body);
  response.writeHead(200, { "Content-Type": "text/xml", "Content-Length": Buffer.byteLength(xml) }).end(xml);
}
