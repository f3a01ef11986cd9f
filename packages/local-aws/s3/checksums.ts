import { Crc32, Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import { Md5 } from "@aws-sdk/checksums/md5";
import { Sha1, Sha256, Sha512 } from "@aws-sdk/checksums/sha";
import { Xxh3_64, Xxh3_128, Xxh64 } from "@aws-sdk/checksums/xxh";
import type { ChecksumAlgorithm, ChecksumType, PutObjectRequest } from "@aws-sdk/client-s3";
import { AwsError } from "../protocols/aws-error";
import { invalidRequest } from "./errors";

/** Computes a checksum of bytes that arrive in chunks. */
interface Checksum {
  update(chunk: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

const ALGORITHMS: Readonly<Record<ChecksumAlgorithm, new () => Checksum>> = {
  CRC32: Crc32,
  CRC32C: Crc32c,
  CRC64NVME: Crc64Nvme,
  MD5: Md5,
  SHA1: Sha1,
  SHA256: Sha256,
  SHA512: Sha512,
  XXHASH64: Xxh64,
  XXHASH3: Xxh3_64,
  XXHASH128: Xxh3_128,
};

const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as ChecksumAlgorithm[];

/** The algorithm of a checksum that no client asked for. */
export const DEFAULT_ALGORITHM: ChecksumAlgorithm = "CRC64NVME";

/** The members of inputs and outputs with a checksum. */
export const CHECKSUM_MEMBERS = ALGORITHM_NAMES.map((algorithm) => `Checksum${algorithm}` as const);

export type ChecksumMembers = Pick<PutObjectRequest, (typeof CHECKSUM_MEMBERS)[number]>;

/** A checksum as S3 stores it. */
export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite checksum ends with a hyphen and the number of parts. */
  readonly value: string;
  readonly type: ChecksumType;
}

export function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(ALGORITHMS, name);
}

/** @throws AwsError for an algorithm that does not exist. */
export function supportedAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined || isAlgorithm(name)) return name;
  throw invalidRequest("Checksum algorithm provided is unsupported.");
}

export function newChecksum(algorithm: ChecksumAlgorithm): Checksum {
  return new ALGORITHMS[algorithm]();
}

/** Returns an object's checksum as members of an output. */
export function checksumMembers({ algorithm, value, type }: StoredChecksum) {
  return { [`Checksum${algorithm}`]: value, ChecksumType: type };
}

/** Returns the checksum in an input; undefined if there is none. */
export function checksumIn(members: ChecksumMembers): Pick<StoredChecksum, "algorithm" | "value"> | undefined {
  for (const algorithm of ALGORITHM_NAMES) {
    const value = members[`Checksum${algorithm}`];
    if (value) return { algorithm, value };
  }
  return undefined;
}

export function badDigest(algorithm: ChecksumAlgorithm): AwsError {
  return new AwsError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** Bytes whose MD5 digest and other checksums are computed while they are read. */
export class SummedBody implements AsyncIterable<Uint8Array> {
  private readonly checksums = new Map<ChecksumAlgorithm, Checksum>();
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

/** The polynomials, without their highest term and with reversed bits. */
const POLYNOMIALS: Readonly<Partial<Record<ChecksumAlgorithm, { readonly width: bigint; readonly reversed: bigint }>>> =
  {
    CRC32: { width: 32n, reversed: 0xedb88320n },
    CRC32C: { width: 32n, reversed: 0x82f63b78n },
    CRC64NVME: { width: 64n, reversed: 0x9a6c9329ac4bc9b5n },
  };

/** Returns the types of checksum that a multipart upload may have, the default first. */
export function checksumTypes(algorithm: ChecksumAlgorithm): readonly ChecksumType[] {
  if (algorithm === "CRC64NVME") return ["FULL_OBJECT"];
  return POLYNOMIALS[algorithm] ? ["COMPOSITE", "FULL_OBJECT"] : ["COMPOSITE"];
}

/** A part of an object: its size, and its checksum in Base64. */
interface SummedPart {
  readonly size: number;
  readonly value: string;
}

/** Returns the checksum of the checksums of an object's parts. */
export async function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly SummedPart[]): Promise<string> {
  const checksum = newChecksum(algorithm);
  for (const { value } of parts) checksum.update(Buffer.from(value, "base64"));
  return `${Buffer.from(await checksum.digest()).toString("base64")}-${parts.length}`;
}

/**
 * Returns the CRC of a whole object, from the CRCs of its parts. A CRC is the remainder of a polynomial division, so the
 * bytes after a part multiply its remainder by a power of x.
 */
export function combinedCrc(algorithm: ChecksumAlgorithm, parts: readonly SummedPart[]): string {
  const polynomial = POLYNOMIALS[algorithm];
  if (!polynomial) throw new TypeError(`${algorithm} is not a CRC.`);
  const { width, reversed } = polynomial;
  const multiply = (a: bigint, b: bigint) => {
    let product = 0n;
    for (let bit = 1n << (width - 1n), power = b; bit > 0n; bit >>= 1n) {
      if (a & bit) product ^= power;
      power = power & 1n ? (power >> 1n) ^ reversed : power >> 1n;
    }
    return product;
  };
  // Most parts of an object have the same size.
  const powers = new Map<number, bigint>();
  const powerOf = (bytes: number) => {
    let power = powers.get(bytes);
    if (power === undefined) {
      power = 1n << (width - 1n);
      for (let exponent = bytes * 8, square = power >> 1n; exponent > 0; exponent = Math.floor(exponent / 2)) {
        if (exponent % 2 === 1) power = multiply(power, square);
        square = multiply(square, square);
      }
      powers.set(bytes, power);
    }
    return power;
  };
  let crc = 0n;
  for (const { size, value } of parts) {
    crc = multiply(crc, powerOf(size)) ^ BigInt(`0x${Buffer.from(value, "base64").toString("hex")}`);
  }
  return Buffer.from(crc.toString(16).padStart(Number(width) / 4, "0"), "hex").toString("base64");
}
