import type { IncomingMessage } from "node:http";
import { cborTarget, jsonTarget, RestRoutes, requestHead } from "@event-pipeline/local-aws/gateway/route";
import { schemasOf } from "@event-pipeline/local-aws/protocols/shape";
import { s3Target } from "@event-pipeline/local-aws/s3/s3-target";

const LAMBDA = new RestRoutes(schemasOf("lambda").operations, {});
const S3 = new RestRoutes(schemasOf("s3").operations, {});

/** Returns a request's head, and the operation that it names; for an unknown one, the method and the path. */
export function requestedOperation(message: IncomingMessage, body: string) {
  const head = requestHead(message);
  return { ...head, action: actionOf(message, head, body) };
}

function actionOf(
  message: IncomingMessage,
  { protocol, path, query, scope }: ReturnType<typeof requestHead>,
  body: string,
): string {
  if (protocol === "json") return jsonTarget(message)[1];
  if (protocol === "cbor") return cborTarget(path)[1];
  if (protocol === "query") return new URLSearchParams(body).get("Action") ?? query.get("Action") ?? "";
  const unknown = `${message.method} ${path}`;
  if (protocol === "rest-json") {
    return (scope.signingName === "lambda" && LAMBDA.find(message, path, query, false)?.name) || unknown;
  }
  const { bucket, key } = s3Target(message);
  return S3.find(message, `/${key}`, query, bucket !== "")?.name ?? unknown;
}
