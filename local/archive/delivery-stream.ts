import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { SqsQueue } from "../aws/fauxqs/fauxqs";
import type { LocalAws } from "../aws/local-aws";
import type { Block } from "../terraform/stack-json";
import { evaluatePrefix, objectName } from "./object-key";

const MIB = 1024 * 1024;

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
  readonly aws: LocalAws;
  readonly s3: S3Client;
  /** Queue that stands for the stream's own storage: fauxqs delivers to queues only. */
  readonly intakeArn: string;
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
  private readonly intake: SqsQueue;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  /** Epoch milliseconds after which nothing more is delivered. */
  private deadline = Number.POSITIVE_INFINITY;

  constructor(private readonly props: DeliveryStreamProps) {
    this.destination = props.block.nested("extended_s3_configuration") as unknown as Destination;
    this.intake = props.aws.queue(props.intakeArn);
  }

  start(): void {
    this.running = this.run();
  }

  /** Delivers what was gathered, until the time that is given (epoch milliseconds), then takes no more. */
  async stop(deadline: number): Promise<void> {
    this.deadline = deadline;
    this.stopping.abort();
    this.intake.cancelWaiters();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      if (this.intake.messages.length === 0 && !signal.aborted) await this.intake.waitForMessages(20);
      if (this.intake.messages.length > 0) {
        await sleep(this.props.bufferingIntervalSeconds * 1_000, undefined, { signal }).catch(() => undefined);
        await this.deliverAll();
      }
      if (signal.aborted) return;
    }
  }

  private async deliverAll(): Promise<void> {
    while (Date.now() < this.deadline) {
      const messages = await this.gather();
      if (messages.length === 0) return;
      const records = messages.map(({ Body }) => Body);
      try {
        const uri = await this.put(records);
        for (const { ReceiptHandle } of messages) this.intake.deleteMessage(ReceiptHandle);
        this.props.onDelivered(records, uri);
      } catch (error) {
        for (const { ReceiptHandle } of messages) this.intake.changeVisibility(ReceiptHandle, 0);
        this.props.onError(error as Error);
        return;
      }
    }
  }

  /** Up to one buffer: its size also keeps objects below the 11 MiB that fauxqs takes. */
  private async gather() {
    const limit = (this.destination.buffering_size ?? 5) * MIB;
    const gathered: Awaited<ReturnType<LocalAws["receive"]>> = [];
    for (let bytes = 0; bytes < limit; ) {
      const messages = await this.props.aws.receive(this.intake, 10, 0);
      if (messages.length === 0) break;
      gathered.push(...messages);
      bytes += messages.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0);
    }
    return gathered;
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
