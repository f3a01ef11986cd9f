import type { IncomingMessage, ServerResponse } from "node:http";
import type { AskedAction } from "./served/asked-action";
import type { ServedService } from "./served/served-service";

/** One or several of the services behind the local run's port. */
export interface Service {
  readonly serves: readonly ServedService[];
  /**
   * Answers, whatever was sent.
   *
   * @param form - The body of a request in the query protocol, which was read to know what it asks for.
   */
  handle(request: IncomingMessage, response: ServerResponse, asked: AskedAction, form?: Buffer): void;
}
