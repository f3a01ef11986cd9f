import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { escapeXml } from "./escape-xml";
import type { Protocol } from "./served/served-service";

/** An error as AWS answers it. */
export interface ErrorAnswer {
  readonly status: number;
  /** Such as `AccessDenied`. */
  readonly code: string;
  readonly message: string;
}

interface Formatted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const FORMATS: Readonly<Record<Protocol, (error: ErrorAnswer, requestId: string, asked: string) => Formatted>> = {
  json: ({ code, message }, _requestId, asked) => ({
    // 1.0 or 1.1, as the request was: they differ in name only.
    headers: { "Content-Type": /^application\/x-amz-json-1\.\d/.exec(asked)?.[0] ?? "application/x-amz-json-1.0" },
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

/** Answers with an error in the format that the client's protocol has. */
export function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  error: ErrorAnswer,
  protocol: Protocol,
): void {
  const requestId = randomUUID();
  const { headers, body } = FORMATS[protocol](error, requestId, request.headers["content-type"] ?? "");
  // What was not read of the request must not be taken for the next one.
  response.writeHead(error.status, {
    ...headers,
    "x-amzn-RequestId": requestId,
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  // HEAD has no body, which Node.js sees to.
  response.end(body);
  request.resume();
}

/** A map of texts in CBOR (RFC 8949), the one thing that an error needs of it. */
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
