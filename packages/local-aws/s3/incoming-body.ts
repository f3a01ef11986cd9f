import type { IncomingMessage } from "node:http";
import type { ChecksumAlgorithm, PutObjectRequest, UploadPartRequest } from "@aws-sdk/client-s3";
import { AwsError } from "../protocols/aws-error";
import { NotSupported } from "../protocols/invalid-input";
import { decodeAwsChunked } from "./aws-chunked";
import { badDigest, CHECKSUM_MEMBERS, isAlgorithm, SummedBody } from "./checksums";
import { invalidArgument, invalidRequest } from "./errors";

/** Maximum size of an object or of a part in one request: 5 GiB. */
export const MAX_BODY_BYTES = 5 * 1_024 ** 3;

/** Matches the headers with a checksum of the body, and not those about checksums. */
const CHECKSUM_HEADER = /^x-amz-checksum-(?!algorithm$|mode$|type$)(.+)$/;

/**
 * The body of a request, without its transfer format. At its end, all digests in the request's headers and trailers are
 * verified.
 */
export class IncomingBody extends SummedBody {
  /** The announced size; undefined if the client does not know it. */
  readonly size: number | undefined;
  /** Algorithm of the client's checksum. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  /** The SHA-256 digest in the signature; undefined if the signature does not contain the whole body. */
  private readonly sha256: string | undefined;

  /**
   * @param hasChecksum - False if the checksum in the headers is not the body's. @default true
   * @throws AwsError or NotSupported for invalid digests.
   */
  constructor(
    private readonly message: IncomingMessage,
    hasChecksum = true,
    private readonly trailers = new Map<string, string>(),
  ) {
    super(contentOf(message, trailers));
    const { headers } = message;
    const size = headers["x-amz-decoded-content-length"] ?? headers["content-length"];
    this.size = size === undefined ? undefined : Number(size);
    this.algorithm = hasChecksum ? algorithmOf(message) : undefined;
    this.sha256 = sha256Of(message);
    if (this.algorithm) this.compute(this.algorithm);
    if (this.sha256) this.compute("SHA256");
  }

  /** @throws AwsError when the body is not as announced, and another error when the client disconnects. */
  override async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    let size = 0;
    for await (const chunk of super[Symbol.asyncIterator]()) {
      size += chunk.length;
      if (size > (this.size ?? size)) throw incompleteBody();
      yield chunk as Buffer;
    }
    if (size < (this.size ?? 0)) throw incompleteBody();
    this.verify();
  }

  private verify(): void {
    const { headers } = this.message;
    const md5 = headers["content-md5"];
    const computedMd5 = this.digest("MD5").toString("base64");
    if (md5 !== undefined && md5 !== computedMd5) {
      if (Buffer.from(String(md5), "base64").length !== 16) {
        throw new AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.");
      }
      const details = { ExpectedDigest: String(md5), CalculatedDigest: computedMd5 };
      throw new AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400, details);
    }
    const computedSha256 = this.sha256 && this.digest("SHA256").toString("hex");
    if (computedSha256 !== this.sha256) {
      const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
      const details = { ClientComputedContentSHA256: this.sha256, S3ComputedContentSHA256: computedSha256 };
      throw new AwsError("XAmzContentSHA256Mismatch", message, 400, details);
    }
    const name = `x-amz-checksum-${this.algorithm?.toLowerCase()}`;
    const expected = headers[name] ?? this.trailers.get(name);
    const isAnnounced = [...this.trailers.keys()].every((each) => each === name || !CHECKSUM_HEADER.test(each));
    if (!isAnnounced || (this.algorithm !== undefined && expected === undefined)) {
      const message =
        "The request contained trailing data that was not well-formed or did not conform to our published schema.";
      throw new AwsError("MalformedTrailerError", message);
    }
    if (this.algorithm === undefined) return;
    const computed = this.digest(this.algorithm);
    if (expected === computed.toString("base64")) return;
    const isDigest = Buffer.from(String(expected), "base64").length === computed.length;
    throw isDigest ? badDigest(this.algorithm) : invalidRequest(`Value for ${name} header is invalid.`);
  }
}

/** The members of an input whose body is an object or a part. */
export const BODY_MEMBERS = [
  "Body",
  "Bucket",
  "Key",
  "ChecksumAlgorithm",
  "ContentLength",
  "ContentMD5",
  "ExpectedBucketOwner",
  ...CHECKSUM_MEMBERS,
] as const;

/** Returns the body of an object or a part. @throws AwsError for a body without a size, or one that is too large. */
export function sizedBody(input: PutObjectRequest | UploadPartRequest): IncomingBody {
  const body = input.Body as unknown as IncomingBody;
  if (body.size === undefined || Number.isNaN(body.size)) {
    throw new AwsError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411);
  }
  if (body.size > MAX_BODY_BYTES) {
    const details = { ProposedSize: String(body.size), MaxSizeAllowed: String(MAX_BODY_BYTES) };
    throw new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400, details);
  }
  return body;
}

/** Returns a body without its transfer format. */
function contentOf(message: IncomingMessage, trailers: Map<string, string>): AsyncIterable<Buffer> {
  const { "content-encoding": encoding = "", "x-amz-content-sha256": sha256 = "" } = message.headers;
  const isChunked = /(?:^|,)\s*aws-chunked\s*(?:,|$)/i.test(encoding) || String(sha256).startsWith("STREAMING-");
  return isChunked ? decodeAwsChunked(message, trailers) : message;
}

/** Returns the algorithm of the checksum in a request's headers or trailers. */
function algorithmOf({ headers }: IncomingMessage): ChecksumAlgorithm | undefined {
  const trailers = String(headers["x-amz-trailer"] ?? "").toLowerCase();
  const names = [...Object.keys(headers), ...trailers.split(",").map((name) => name.trim())];
  const [name, ...more] = names.flatMap((each) => CHECKSUM_HEADER.exec(each)?.[1] ?? []);
  if (more.length > 0) {
    throw invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  if (name === undefined) {
    const isNamed = headers["x-amz-sdk-checksum-algorithm"] !== undefined && headers["content-md5"] === undefined;
    if (!isNamed) return undefined;
    throw invalidRequest(
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  const algorithm = name.toUpperCase();
  if (isAlgorithm(algorithm)) return algorithm;
  throw new NotSupported(`the header x-amz-checksum-${name}`);
}

/** Returns the SHA-256 digest in a request's signature. */
function sha256Of({ headers }: IncomingMessage): string | undefined {
  const { "x-amz-content-sha256": value } = headers;
  if (typeof value !== "string" || value === "UNSIGNED-PAYLOAD" || value.startsWith("STREAMING-")) return undefined;
  if (/^[\da-f]{64}$/i.test(value)) return value.toLowerCase();
  const message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value or a valid sha256 value.";
  throw invalidArgument("x-amz-content-sha256", value, message);
}

function incompleteBody(): AwsError {
  const message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
  return new AwsError("IncompleteBody", message);
}
