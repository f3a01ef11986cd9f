import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Protocol } from "../supported-actions";

/** An error response from an AWS service. */
export class AwsError extends Error {
  override readonly name = "AwsError";

  /** @param code - Error code, such as `AccessDenied`. */
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/**
 * Escapes text for XML. Control characters become references, as in AWS's
 * responses. XML 1.0 does not allow such references, but the AWS SDKs read them.
 */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are escaped.
  return text.replace(/[<>&"'\u0000-\u001f\u007f]/g, (character) => `&#${character.charCodeAt(0)};`);
}

type Format = (
  error: AwsError,
  requestId: string,
  request: IncomingMessage,
) => { readonly headers: Readonly<Record<string, string>>; readonly body: string | Buffer };

const FORMATS: Readonly<Record<Protocol, Format>> = {
  json: ({ code, message }, _requestId, request) => ({
    headers: { "Content-Type": jsonType(request) },
    body: JSON.stringify({ __type: code, message }),
  }),
  "rest-json": ({ code, message }) => ({
    headers: { "Content-Type": "application/json", "x-amzn-errortype": code },
    body: JSON.stringify({ Type: "User", Message: message, message }),
  }),
  query: ({ status, code, message }, requestId) => ({
    headers: { "Content-Type": "text/xml" },
    body: `<ErrorResponse><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
  "rest-xml": ({ code, message }, requestId) => ({
    headers: { "Content-Type": "application/xml", "x-amz-request-id": requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message><RequestId>${requestId}</RequestId></Error>`,
  }),
  cbor: ({ code, message }) => ({
    headers: { "Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
    body: cborMap({ __type: code, message }),
  }),
};

/** Returns the content type for the response to a JSON request: version 1.0 or 1.1, as in the request. */
export function jsonType({ headers }: IncomingMessage): string {
  return /^application\/x-amz-json-1\.\d/.exec(headers["content-type"] ?? "")?.[0] ?? "application/x-amz-json-1.0";
}

/** Sends an error in the protocol's format. Any error other than an `AwsError` is sent with status 500. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  cause: unknown,
  protocol: Protocol,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error =
    cause instanceof AwsError
      ? cause
      : new AwsError("InternalFailure", `The local run failed: ${(cause as Error).message}`, 500);
  const requestId = randomUUID();
  const { headers, body } = FORMATS[protocol](error, requestId, request);
  response.writeHead(error.status, {
    ...headers,
    ...error.headers,
    "x-amzn-RequestId": requestId,
    "Content-Length": Buffer.byteLength(body),
    // Otherwise, the server would parse the rest of the body as the next request.
    ...(!request.complete && { Connection: "close" }),
  });
  response.end(body);
  request.resume();
}

/** Sends an action's output as XML, for the query protocol. */
export function sendXml(response: ServerResponse, xml: string): void {
  const headers = { "Content-Type": "text/xml", "Content-Length": Buffer.byteLength(xml) };
  response.writeHead(200, { ...headers, "x-amzn-RequestId": randomUUID() }).end(xml);
}

/** Encodes a map of strings as CBOR (RFC 8949). */
function cborMap(texts: Readonly<Record<string, string>>): Buffer {
  const encoded = Object.entries(texts)
    .flat()
    .map((text) => {
      const head = Buffer.from([0x7a, 0, 0, 0, 0]);
      head.writeUInt32BE(Buffer.byteLength(text), 1);
      return Buffer.concat([head, Buffer.from(text)]);
    });
  return Buffer.concat([Buffer.from([0xa0 | (encoded.length / 2)]), ...encoded]);
}
