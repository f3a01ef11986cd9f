import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorAnswer } from "./error-answer";

const KIB = 1_024;
/** Bytes of large bodies that are read at once. */
const MAX_BYTES = 256 * KIB * KIB;
/** A body up to this is taken at any time: of these it takes thousands of connections to fill the memory. */
const SMALL_BYTES = 64 * KIB;
/** The most that a service reads of a body, so the most that one takes that does not say how long it is. */
const MAX_BODY_BYTES = 16 * KIB * KIB;

/**
 * Bounds the memory that bodies take while they are read: each is kept until
 * its end has come, and a client may open as many connections as it likes, and
 * finish none of them.
 */
export class BodiesUnderWay {
  private bytes = 0;

  /** Why there is no room for a request's body at present; undefined when there is, and it is kept until the body is read. */
  refusal(request: IncomingMessage, response: ServerResponse): ErrorAnswer | undefined {
    const bytes = bytesOf(request);
    if (bytes <= SMALL_BYTES) return undefined;
    if (this.bytes + bytes > MAX_BYTES) {
      const message = `The local run reads at most ${MAX_BYTES / KIB / KIB} MiB of large requests at once. Send fewer at a time, or try again.`;
      return { status: 503, code: "ServiceUnavailable", message };
    }
    this.bytes += bytes;
    let isKept = true;
    const giveBack = () => {
      if (isKept) this.bytes -= bytes;
      isKept = false;
    };
    request.once("close", giveBack);
    // A request that was answered before its end never closes; of what still comes nothing is kept.
    response.once("close", giveBack);
    return undefined;
  }
}

function bytesOf({ headers }: IncomingMessage): number {
  if (headers["transfer-encoding"] !== undefined) return MAX_BODY_BYTES;
  return Math.min(Number(headers["content-length"] ?? 0), MAX_BODY_BYTES);
}
