import type { IncomingMessage } from "node:http";
import * as visitors from "@event-pipeline/program/loopback-visitors";
import type { ErrorAnswer } from "./error-answer";

/** What a foreign visitor of the local run is answered; undefined for a local one. */
export function foreignVisitor({ headers }: IncomingMessage): ErrorAnswer | undefined {
  const message = visitors.foreignVisitor(headers, "The local run");
  return message === undefined ? undefined : { status: 403, code: "AccessDenied", message };
}
