import type { IncomingMessage, ServerResponse } from "node:http";

/** An error as AWS answers it. */
export interface ErrorAnswer {
  readonly status: number;
  /** Such as `AccessDenied`. */
  readonly code: string;
  readonly message: string;
}

/** Answers with an error in the format that the client's protocol has: JSON for a target, else XML. */
export function answerError(request: IncomingMessage, response: ServerResponse, error: ErrorAnswer): void {
  const { status, code, message } = error;
  const isJson = request.headers["x-amz-target"] !== undefined;
  const body = isJson
    ? JSON.stringify({ __type: code, message })
    : `<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`;
  // What was not read of the request must not be taken for the next one.
  response.writeHead(status, {
    "Content-Type": isJson ? "application/x-amz-json-1.0" : "text/xml",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  });
  response.end(body);
  request.resume();
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
