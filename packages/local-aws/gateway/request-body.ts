import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../protocols/responses";

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

  /**
   * Reserves memory for a request's body until the body is read.
   *
   * @throws AwsError when there is none left.
   */
  reserve(request: IncomingMessage, response: ServerResponse): void {
    const bytes = bytesOf(request);
    if (bytes <= SMALL_BYTES) return;
    if (this.bytes + bytes > BUDGET_BYTES) {
      const message = `The local run reads at most ${BUDGET_BYTES / KIB / KIB} MiB of large requests at a time. Send fewer, or retry.`;
      throw new AwsError("ServiceUnavailable", message, 503);
    }
    this.bytes += bytes;
    let reserved = bytes;
    const release = () => {
      this.bytes -= reserved;
      reserved = 0;
    };
    request.once("close", release);
    // A request that gets its response before its end never closes; the rest of its body is discarded.
    response.once("close", release);
  }
}

function bytesOf({ headers }: IncomingMessage): number {
  if (headers["transfer-encoding"] !== undefined) return MAX_BODY_BYTES;
  return Math.min(Number(headers["content-length"] ?? 0), MAX_BODY_BYTES);
}

/**
 * Reads a request's body. A too large body is read to its end and discarded,
 * because a client that is still sending would not see the response.
 *
 * @throws AwsError when the body is too large, or the client disconnected.
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  tooLargeCode = "RequestEntityTooLarge",
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes <= maxBytes) return Buffer.concat(chunks);
  throw new AwsError(tooLargeCode, `The request exceeds the limit of ${maxBytes} bytes.`, 413);
}
