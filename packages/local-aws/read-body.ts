import type { IncomingMessage } from "node:http";

/**
 * The whole body, or undefined when it is larger or the client hung up in the
 * middle. A larger one is read to its end too, and not kept: a client that is
 * still sending when the connection closes never sees the answer.
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
    return undefined; // Nobody is left to be answered.
  }
  return bytes > maxBytes ? undefined : Buffer.concat(chunks);
}
