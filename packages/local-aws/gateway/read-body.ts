import type { IncomingMessage } from "node:http";

/**
 * Reads a request's body; undefined if it is too large or the client
 * disconnected. A too large body is read to its end and discarded, because a
 * client that is still sending would not see the response.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch {
    return undefined;
  }
  return bytes > maxBytes ? undefined : Buffer.concat(chunks);
}
