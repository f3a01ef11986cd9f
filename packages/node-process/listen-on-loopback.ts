import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const OPTIONS = {
  // A client that stops halfway through its request must not be waited for.
  requestTimeout: 30_000,
  // SDKs reuse connections, and one that closes too early fails the next request.
  keepAliveTimeout: 60_000,
} as const;

/** An HTTP server that listens, and waits for its listener. */
export interface LoopbackServer {
  /** Base URL without a trailing slash: `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** Sets the listener. Requests that arrived earlier are answered now. */
  serve(listener: RequestListener): void;
  /**
   * Closes the server and its connections. It may be called again.
   *
   * @param graceMs - Milliseconds that responses under way may take. @default 0
   */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Listens on 127.0.0.1 before the handler of requests exists, so that its parts can be built with the endpoint.
 *
 * @param port - TCP port; 0 for any free one.
 * @throws EADDRINUSE when the port is taken.
 *
 * @example
 * const server = await listenOnLoopback(4566);
 * const queues = new Queues(server.endpoint);
 * server.serve((request, response) => queues.answer(request, response));
 */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
  let serve!: (listener: RequestListener) => void;
  const listener = new Promise<RequestListener>((resolve) => {
    serve = resolve;
  });
  const server = createServer(OPTIONS, (request, response) => void listener.then((it) => it(request, response)));
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
