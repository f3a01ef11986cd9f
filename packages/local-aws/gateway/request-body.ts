import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { AwsError } from "../protocols/aws-error";

const KIB = 1_024;

/** Maximum total size of the large bodies that are read at the same time. */
const BUDGET_BYTES = 256 * KIB * KIB;

/** Bodies up to this size need no budget: only thousands of connections could fill the memory with them. */
export const SMALL_BYTES = 64 * KIB;

const unzip = promisify(gunzip);

/** Limit of a body. */
export interface BodyLimit {
  readonly maxBytes: number;
  /** Error code for a body that is too large or cannot be decompressed. */
  readonly errorCode: string;
}

/** Reads request bodies, and limits their memory, because clients may start many requests without finishing them. */
export class BodyReader {
  private reserved = 0;

  /**
   * Reads a body.
   *
   * @param open - Opens the body without its transfer format. @default - the body as it is
   * @throws AwsError when the body is too large, or when there are too many large ones; another error when the client
   * disconnects.
   */
  async read(message: IncomingMessage, limit: BodyLimit, open?: () => AsyncIterable<Buffer>): Promise<Buffer> {
    const { "content-length": length, "transfer-encoding": isChunked, "content-encoding": encoding } = message.headers;
    const expected = isChunked === undefined ? Number(length ?? 0) : limit.maxBytes;
    if (expected === 0) return Buffer.alloc(0);
    if (expected > limit.maxBytes) throw tooLarge(limit);
    const release = expected > SMALL_BYTES ? this.reserve(expected) : undefined;
    try {
      if (open) return await collected(open(), limit);
      const body = await received(message, limit);
      return encoding === undefined || encoding === "identity" ? body : await decompressed(body, encoding, limit);
    } finally {
      release?.();
    }
  }

  private reserve(bytes: number): () => void {
    if (this.reserved + bytes > BUDGET_BYTES) {
      const message = `The local run reads at most ${BUDGET_BYTES / KIB / KIB} MiB of large requests at the same time. Send fewer requests at once, or retry.`;
      throw new AwsError("ServiceUnavailable", message, 503);
    }
    this.reserved += bytes;
    return () => {
      this.reserved -= bytes;
    };
  }
}

/** Reads a body. An asynchronous iterator over the request would take several times as long. */
function received(message: IncomingMessage, limit: BodyLimit): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const collect = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit.maxBytes) {
        chunks.push(chunk);
        return;
      }
      message.off("data", collect);
      reject(tooLarge(limit));
    };
    message.on("data", collect);
    message.once("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    message.once("error", reject);
    message.once("close", () => {
      if (!message.readableEnded) reject(new Error("The client disconnected."));
    });
  });
}

async function collected(body: AsyncIterable<Buffer>, limit: BodyLimit): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limit.maxBytes) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge({ maxBytes, errorCode }: BodyLimit): AwsError {
  return new AwsError(errorCode, `The request exceeds the limit of ${maxBytes} bytes.`, 413);
}

/** Decompresses a body: SDKs compress PutMetricData from 10 KiB on. */
async function decompressed(body: Buffer, encoding: string, limit: BodyLimit): Promise<Buffer> {
  const { maxBytes, errorCode } = limit;
  if (encoding !== "gzip") {
    throw new AwsError(errorCode, `Invalid Content-Encoding "${encoding}": expected gzip or none.`);
  }
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limit);
    throw new AwsError(errorCode, `The request is not valid gzip: ${(cause as Error).message}`);
  }
}
