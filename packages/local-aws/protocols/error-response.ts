import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Protocol } from "../supported-actions";
import { escapeXml } from "./escape-xml";

/** An error response of AWS. */
export interface AwsError {
  readonly status: number;
  /** Error code, such as `AccessDenied`. */
  readonly code: string;
  readonly message: string;
}

interface Formatted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const FORMATS: Readonly<Record<Protocol, (error: AwsError, requestId: string, contentType: string) => Formatted>> = {
  json: ({ code, message }, _requestId, contentType) => ({
    // The request's version, 1.0 or 1.1.
    headers: {
      "Content-Type": /^application\/x-amz-json-1\.\d/.exec(contentType)?.[0] ?? "application/x-amz-json-1.0",
    },
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

/** Sends an error in the format of the client's protocol. */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: AwsError,
  protocol: Protocol,
): void {
  const requestId = randomUUID();
  const { headers, body } = FORMATS[protocol](error, requestId, request.headers["content-type"] ?? "");
  // Close: the unread rest of the body must not be read as the next request.
  response.writeHead(error.status, {
    ...headers,
    "x-amzn-RequestId": requestId,
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  response.end(body);
  request.resume();
}

/** Encodes a map of strings in CBOR (RFC 8949). */
function cborMap(texts: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(texts);
  return Buffer.concat([Buffer.from([0xa0 | entries.length]), ...entries.flat().map(cborText)]);
}

function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.from([0x7a, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
