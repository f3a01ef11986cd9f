import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../protocols/aws-error";

const KIB = 1_024;

/** Maximum total size of the large bodies that are read at the same time. */
const BUDGET_BYTES = 256 * KIB * KIB;

/** Bodies up to this size need no budget: only thousands of connections could fill the memory with them. */
const SMALL_BYTES = 64 * KIB;

/** Largest size that any service accepts. A body of unknown length reserves this size. */
const MAX_BODY_BYTES = 16 * KIB * KIB;

/** Limits the memory for request bodies, because clients may start many requests without finishing them. */
export class BodyBudget {
  private bytes = 0;

  /**
   * Reserves memory for a request's body until the body is read.
   *
   * @throws AwsError when the budget is used up.
   */
  reserve(request: IncomingMessage, response: ServerResponse): void {
    const bytes = bytesOf(request);
    if (bytes <= SMALL_BYTES) return;
    if (this.bytes + bytes > BUDGET_BYTES) {
      const message = `The local run reads at most ${BUDGET_BYTES / KIB / KIB} MiB of large requests at the same time. Send fewer requests at once, or retry.`;
      throw new AwsError("ServiceUnavailable", message, 503);
    }
    this.bytes += bytes;
    let reserved = bytes;
    const release = () => {
      this.bytes -= reserved;
      reserved = 0;
    };
    request.once("close", release);
    // If the response is sent before the request ends, the request emits no `close`. The rest of its body is discarded.
    response.once("close", release);
  }
}

function bytesOf({ headers }: IncomingMessage): number {
  if (headers["transfer-encoding"] !== undefined) return MAX_BODY_BYTES;
  return Math.min(Number(headers["content-length"] ?? 0), MAX_BODY_BYTES);
}

/**
 * Reads a request's body. A body that is too large is read to its end and
 * discarded, because a client reads the response only after it has sent the body.
 *
 * @throws AwsError when the body is too large, and another error when the client disconnects.
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
