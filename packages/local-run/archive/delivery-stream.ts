import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Intake } from "@event-pipeline/local-aws/firehose/intake";
import type { Block } from "@event-pipeline/terraform-json/stack-json";
import { evaluatePrefix, objectName } from "./object-key";

const MIB = 1024 * 1024;
/** Milliseconds after a failure until the next attempt. */
const RETRY_MS = 1_000;

interface Destination {
  readonly bucket_arn: string;
  readonly prefix?: string;
  readonly buffering_size?: number;
  readonly buffering_interval?: number;
  readonly compression_format?: string;
}

export interface DeliveryStreamProps {
  /** The `aws_kinesis_firehose_delivery_stream`. */
  readonly block: Block;
  /** What the stream was sent. */
  readonly intake: Intake;
  readonly s3: S3Client;
  /** Seconds that records are gathered before they are delivered. */
  readonly bufferingIntervalSeconds: number;
  /** Called with the delivered records once the object is in S3. */
  readonly onDelivered: (records: readonly string[], uri: string) => void;
  readonly onError: (error: Error) => void;
}

/**
 * Delivers what it is sent to S3, as Firehose does: gathered, one record a
 * line, compressed, under the prefix of the hour. Records leave the intake
 * only when their object is stored.
 */
export class DeliveryStream {
  private readonly destination: Destination;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  /** Epoch milliseconds after which nothing more is delivered. */
  private deadline = Number.POSITIVE_INFINITY;

  constructor(private readonly props: DeliveryStreamProps) {
    this.destination = props.block.nested("extended_s3_configuration") as unknown as Destination;
  }

  start(): void {
    this.running = this.run();
  }

  /** Delivers what was gathered, until the time that is given (epoch milliseconds), then takes no more. */
  async stop(deadline: number): Promise<void> {
    this.deadline = deadline;
    this.stopping.abort();
    this.props.intake.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    const { intake, bufferingIntervalSeconds } = this.props;
    const { signal } = this.stopping;
    while (!signal.aborted || !intake.isEmpty) {
      if (!signal.aborted) await intake.wait();
      if (!intake.isEmpty) await sleep(bufferingIntervalSeconds * 1_000, undefined, { signal }).catch(() => undefined);
      const isDelivered = await this.deliverAll();
      if (signal.aborted) return;
      if (!isDelivered) await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether nothing went wrong. */
  private async deliverAll(): Promise<boolean> {
    const { intake, onDelivered, onError } = this.props;
    // One buffer at a time: its size also keeps objects below the 11 MiB that fauxqs takes.
    const maxBytes = (this.destination.buffering_size ?? 5) * MIB;
    while (!intake.isEmpty && Date.now() < this.deadline) {
      const records = intake.first(maxBytes);
      const texts = records.map(({ text }) => text);
      try {
        const uri = await this.put(texts);
        intake.remove(records);
        onDelivered(texts, uri);
      } catch (error) {
        onError(error as Error);
        return false;
      }
    }
    return true;
  }

  private async put(records: readonly string[]): Promise<string> {
    const { bucket_arn: bucketArn, prefix = "", compression_format: format = "UNCOMPRESSED" } = this.destination;
    const now = new Date();
    const text = records.map((record) => `${record}\n`).join("");
    const isGzip = format === "GZIP";
    const Bucket = bucketArn.slice("arn:aws:s3:::".length);
    const Key =
      evaluatePrefix(prefix, now) + objectName(String(this.props.block.get("name")), now, randomUUID(), isGzip);
    const Body = isGzip ? await promisify(gzip)(text) : Buffer.from(text);
    await this.props.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/octet-stream" }));
    return `s3://${Bucket}/${Key}`;
  }
}
