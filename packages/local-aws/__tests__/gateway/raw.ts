import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** Returns an `Authorization` header. The gateway reads the scope, and verifies no signature. */
export function signedFor(service: string, region = "us-east-1", accessKeyId = "local"): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`;
}

/** Sends exactly these headers, as any client could. */
export function send(
  endpoint: string,
  {
    method = "POST",
    path = "/",
    headers = {},
    body = "",
    agent,
  }: {
    method?: string;
    path?: string;
    headers?: OutgoingHttpHeaders;
    body?: string | Uint8Array;
    agent?: Agent;
  },
): Promise<RawResponse> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, ...(agent && { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const received = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: receivedHeaders } = response;
        resolve({ status, headers: receivedHeaders, body: received, text: received.toString() });
      });
    });
    sent.once("error", reject).end(body);
  });
}

/** Opens a connection and writes text to it. */
export function openSocket(endpoint: string, text: string | Uint8Array): Promise<Socket> {
  const { port, hostname } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, () => resolve(socket)));
    socket.once("error", reject);
  });
}

/** Returns all that arrives until the connection closes. */
export function allFrom(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("close", () => resolve(text));
  });
}
