import type { IncomingMessage, ServerResponse } from "node:http";
import type { SupportedService } from "../supported-actions";
import type { RequestedAction } from "./requested-action";

/** An emulator of one or more services. */
export interface Service {
  readonly services: readonly SupportedService[];

  /**
   * Responds to a request, valid or not.
   *
   * @param form - The body of a request in the query protocol, which the gateway has read.
   */
  handle(request: IncomingMessage, response: ServerResponse, action: RequestedAction, form?: Buffer): void;
}
