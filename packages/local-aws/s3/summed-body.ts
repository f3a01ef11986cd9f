import type { ChecksumAlgorithm } from "@aws-sdk/client-s3";
import { newChecksum } from "./checksums";

/** Bytes whose MD5 digest and other checksums are computed while they are read. */
export class SummedBody implements AsyncIterable<Uint8Array> {
  private readonly checksums = new Map<ChecksumAlgorithm, ReturnType<typeof newChecksum>>();
  private readonly digests = new Map<ChecksumAlgorithm, Buffer>();

  constructor(
    private readonly source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    ...algorithms: readonly ChecksumAlgorithm[]
  ) {
    for (const algorithm of ["MD5", ...algorithms] as const) this.compute(algorithm);
  }

  /** Computes one more checksum. It must be called before the body is read. */
  compute(algorithm: ChecksumAlgorithm): void {
    if (!this.checksums.has(algorithm)) this.checksums.set(algorithm, newChecksum(algorithm));
  }

  /** Returns a checksum of the body, which must have been read. */
  digest(algorithm: ChecksumAlgorithm): Buffer {
    const digest = this.digests.get(algorithm);
    if (!digest) throw new TypeError(`The checksum ${algorithm} was not computed.`);
    return digest;
  }

  /** Returns the computed checksums in Base64, by algorithm. */
  get sums(): Readonly<Partial<Record<ChecksumAlgorithm, string>>> {
    return Object.fromEntries([...this.digests].map(([algorithm, digest]) => [algorithm, digest.toString("base64")]));
  }

  /** The body's entity tag, in quotes. */
  get etag(): string {
    return `"${this.digest("MD5").toString("hex")}"`;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of this.source) {
      for (const checksum of this.checksums.values()) checksum.update(chunk);
      yield chunk;
    }
    for (const [algorithm, checksum] of this.checksums) {
      this.digests.set(algorithm, Buffer.from(await checksum.digest()));
    }
  }
}
