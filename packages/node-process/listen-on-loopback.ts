import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const OPTIONS = {
  // Limits the wait for a client that sends only part of the headers. A large upload may take long.
  headersTimeout: 30_000,
  requestTimeout: 0,
  // SDKs reuse connections. If the server closes one too early, the next request fails.
  keepAliveTimeout: 60_000,
} as const;

/** Maximum wait for more of an unfinished request, in milliseconds. */
const IDLE_MS = 30_000;

function limitIdleTime(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  let received = socket.bytesRead;
  const timer = setInterval(() => {
    if (!request.complete && socket.bytesRead === received) request.destroy();
    received = socket.bytesRead;
  }, IDLE_MS).unref();
  request.once("close", () => clearInterval(timer));
}

/** An HTTP server on 127.0.0.1. Until `serve` is called, requests wait for a response. */
export interface LoopbackServer {
  /** Base URL without a trailing slash: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Sets the request listener, which also receives the requests that arrived earlier. */
  serve(listener: RequestListener): void;
  /**
   * Closes the server and its connections. Further calls have no effect.
   *
   * @param graceMs - Milliseconds to wait for unfinished responses. @default 0
   */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts an HTTP server that has no request listener yet, because creating the listener may require the endpoint.
 *
 * @param port - TCP port; 0 for any free port.
 * @throws EADDRINUSE if the port is taken.
 *
 * @example
 * const server = await listenOnLoopback(4566);
 * const queues = new Queues(server.endpoint);
 * server.serve((request, response) => queues.handle(request, response));
 */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
  let serve!: (listener: RequestListener) => void;
  const listener = new Promise<RequestListener>((resolve) => {
    serve = resolve;
  });
  const server = createServer(OPTIONS, (request, response) => {
    void listener.then((listen) => {
      limitIdleTime(request);
      listen(request, response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve,
    stop: async (graceMs = 0) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.race([closed, sleep(graceMs, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed;
    },
  };
}
