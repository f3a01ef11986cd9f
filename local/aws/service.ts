import type { IncomingMessage, ServerResponse } from "node:http";

/** One of the services behind the local run's port. */
export interface Service {
  /** Whether the request is for this service; the first that says so gets it. */
  accepts(request: IncomingMessage): boolean;
  /** Answers, whatever was sent. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}
