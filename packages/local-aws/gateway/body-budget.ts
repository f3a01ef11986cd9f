import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsError } from "../protocols/error-response";

const KIB = 1_024;

/** Maximum total of large bodies that are read at a time, in bytes. */
const BUDGET_BYTES = 256 * KIB * KIB;

/** Size up to which a body needs no budget: only thousands of connections could fill the memory with these. */
const SMALL_BYTES = 64 * KIB;

/** Maximum size that a service reads, which a body of unknown length reserves. */
const MAX_BODY_BYTES = 16 * KIB * KIB;

/** Limits the memory for request bodies, because clients may open many connections and finish none of their requests. */
export class BodyBudget {
  private bytes = 0;

  /** Reserves memory for a request's body until the body is read, or returns the error if there is none left. */
  reserve(request: IncomingMessage, response: ServerResponse): AwsError | undefined {
    const bytes = bytesOf(request);
    if (bytes <= SMALL_BYTES) return undefined;
    if (this.bytes + bytes > BUDGET_BYTES) {
      const message = `The local run reads at most ${BUDGET_BYTES / KIB / KIB} MiB of large requests at a time. Send fewer, or retry.`;
      return { status: 503, code: "ServiceUnavailable", message };
    }
    this.bytes += bytes;
    let isReserved = true;
    const release = () => {
      if (isReserved) this.bytes -= bytes;
      isReserved = false;
    };
    request.once("close", release);
    // A request that gets its response before its end never closes; the rest of its body is discarded.
    response.once("close", release);
    return undefined;
  }
}

function bytesOf({ headers }: IncomingMessage): number {
  if (headers["transfer-encoding"] !== undefined) return MAX_BODY_BYTES;
  return Math.min(Number(headers["content-length"] ?? 0), MAX_BODY_BYTES);
}
