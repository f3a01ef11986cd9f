import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import type { DeliveryBuffer } from "@event-pipeline/local-aws/firehose/delivery-buffers";
import type { Block } from "@event-pipeline/terraform-json/synthesized-stack";

const MIB = 1024 * 1024;
/** Milliseconds between attempts after a failure. */
const RETRY_MS = 1_000;

interface S3Destination {
  readonly bucket_arn: string;
  readonly prefix?: string;
  readonly buffering_size?: number;
  readonly compression_format?: string;
}

interface DeliveryStreamOptions {
  /** The `aws_kinesis_firehose_delivery_stream`. */
  readonly block: Block;
  /** Records that wait for delivery. */
  readonly buffer: DeliveryBuffer;
  readonly s3: S3Client;
  /** Time that records are buffered before delivery. */
  readonly bufferingIntervalSeconds: number;
  /** Called with the delivered records once the object is in S3. */
  readonly onDelivered: (records: readonly string[], uri: string) => void;
  readonly onError: (error: Error) => void;
}

/**
 * Delivers records to S3 as Firehose does: buffered, one record per line,
 * compressed, under the prefix of the hour. Records leave the buffer only when
 * their object is stored.
 */
export class DeliveryStream {
  private readonly destination: S3Destination;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  /** End of delivery, in epoch milliseconds. */
  private deadline = Number.POSITIVE_INFINITY;

  constructor(private readonly options: DeliveryStreamOptions) {
    this.destination = options.block.nested("extended_s3_configuration") as unknown as S3Destination;
  }

  start(): void {
    this.running = this.run();
  }

  /** Delivers buffered records until the buffer is empty or the deadline (epoch milliseconds) passes, and stops. */
  async stop(deadline: number): Promise<void> {
    this.deadline = deadline;
    this.stopping.abort();
    this.options.buffer.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    const { buffer, bufferingIntervalSeconds } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted || !buffer.isEmpty) {
      if (!signal.aborted) await buffer.wait();
      if (!buffer.isEmpty) await sleep(bufferingIntervalSeconds * 1_000, undefined, { signal }).catch(() => undefined);
      const isDelivered = await this.deliverAll();
      if (signal.aborted) return;
      if (!isDelivered) await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether all records were delivered. */
  private async deliverAll(): Promise<boolean> {
    const { buffer, onDelivered, onError } = this.options;
    // The buffering size also keeps objects below fauxqs's limit of 11 MiB.
    const maxBytes = (this.destination.buffering_size ?? 5) * MIB;
    while (!buffer.isEmpty && Date.now() < this.deadline) {
      const records = buffer.peek(maxBytes);
      const texts = records.map(({ text }) => text);
      try {
        const uri = await this.put(texts);
        buffer.remove(records);
        onDelivered(texts, uri);
      } catch (error) {
        onError(error as Error);
        return false;
      }
    }
    return true;
  }

  private async put(records: readonly string[]): Promise<string> {
    const { bucket_arn: bucketArn, prefix = "", compression_format: format } = this.destination;
    const now = new Date();
    const text = records.map((record) => `${record}\n`).join("");
    const isGzip = format === "GZIP";
    const Bucket = bucketArn.slice("arn:aws:s3:::".length);
    const name = objectName(String(this.options.block.get("name")), now, randomUUID(), isGzip);
    const Key = evaluatePrefix(prefix, now) + name;
    const Body = isGzip ? await promisify(gzip)(text) : text;
    await this.options.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/octet-stream" }));
    return `s3://${Bucket}/${Key}`;
  }
}

/** Java DateTimeFormatter patterns that Firehose supports in prefixes, each with its range in an ISO 8601 time. */
const TIME_SLICES: Readonly<Record<string, readonly [number, number]>> = {
  yyyy: [0, 4],
  MM: [5, 7],
  dd: [8, 10],
  HH: [11, 13],
};

/**
 * Replaces the `!{timestamp:…}` expressions of a prefix, in UTC.
 *
 * @throws LocalRunError for any other expression.
 * @see https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export function evaluatePrefix(prefix: string, time: Date): string {
  return prefix.replace(/!\{([^}]*)\}/g, (expression, inner: string) => {
    const slice = TIME_SLICES[inner.replace(/^timestamp:/, "")];
    if (!inner.startsWith("timestamp:") || !slice) {
      throw new LocalRunError(`The prefix "${prefix}" contains ${expression}, which the local run does not support.`);
    }
    return time.toISOString().slice(...slice);
  });
}

/** Returns an object's name in Firehose's format: stream, version, time of delivery and a unique part. */
export function objectName(streamName: string, time: Date, unique: string, gzip: boolean): string {
  const stamp = time.toISOString().slice(0, 19).replace(/[T:]/g, "-");
  return `${streamName}-1-${stamp}-${unique}${gzip ? ".gz" : ""}`;
}
