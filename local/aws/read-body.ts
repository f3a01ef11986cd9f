import type { IncomingMessage } from "node:http";

/** The whole body, or undefined when it is larger or the client hung up in the middle. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined; // Nobody is left to be answered.
  }
  return Buffer.concat(chunks);
}
