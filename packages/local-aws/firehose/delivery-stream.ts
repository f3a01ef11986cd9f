import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { DeliveryStreamEncryptionConfigurationInput, Tag } from "@aws-sdk/client-firehose";
import type { CancelTimer } from "../clock";
import type { Host } from "../host";
import type { S3 } from "../s3/s3";
import type { Table } from "../storage/storage";
import { bucketOf, type Destination, delimiterOf, fileExtensionOf } from "./destination";
import { PrefixFormatter } from "./prefix";

const MIB = 1024 * 1024;
/** @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
const MAX_RECORD_BYTES = 1_000 * 1024;
/** Milliseconds between attempts after a failure. */
const RETRY_MS = 1_000;

/** A delivery stream in the storage. */
export interface StoredStream {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly destination: Destination;
  readonly encryption: DeliveryStreamEncryptionConfigurationInput | undefined;
  readonly tags: readonly Tag[];
  /** Milliseconds of the clock that records are buffered. @default - the interval of the buffering hints */
  readonly bufferingMs: number | undefined;
}

/** A record in the storage that waits for its delivery. */
export interface StoredRecord {
  readonly id: number;
  readonly stream: string;
  readonly data: string;
  /** True if the data is not UTF-8, and therefore Base64. */
  readonly isBase64?: true;
  readonly bytes: number;
  /** Time of the arrival, in milliseconds since 1970. */
  readonly arrivedAt: number;
}

/** The parts that the delivery streams share. */
export interface StreamContext {
  readonly host: Host;
  readonly s3: S3;
  /** The records of all streams, by ID. */
  readonly records: Table<StoredRecord>;
  readonly nextId: () => number;
}

/**
 * A delivery stream. It buffers records by size and by time, and writes them to objects. A record leaves the storage in the
 * transaction in which its object comes into being, so that a kill neither loses nor doubles it.
 */
export class DeliveryStream {
  private readonly buffer: StoredRecord[] = [];
  private bufferedBytes = 0;
  private cancelTimer: CancelTimer | undefined;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  /** End of deliveries, in epoch milliseconds of the machine. */
  private deadline = Number.POSITIVE_INFINITY;

  constructor(
    private readonly context: StreamContext,
    public stored: StoredStream,
  ) {}

  /** Number of records that wait for their delivery. */
  get buffered(): number {
    return this.buffer.length;
  }

  /** Replaces the configuration. */
  update(stored: StoredStream): void {
    this.stored = stored;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.schedule();
  }

  /** Adds a record of an earlier run. */
  restore(record: StoredRecord): void {
    this.buffer.push(record);
    this.bufferedBytes += record.bytes;
    this.schedule();
  }

  /** Returns the reason if the stream rejects a record; otherwise undefined. */
  rejection(data: string | Uint8Array): string | undefined {
    const bytes = Buffer.byteLength(data);
    if (bytes <= MAX_RECORD_BYTES) return undefined;
    return `the record has ${bytes} bytes, and the limit of ${this.stored.arn} is ${MAX_RECORD_BYTES}`;
  }

  /** Adds a record. Returns the reason if the stream rejects it; otherwise undefined. */
  put(data: string | Uint8Array): string | undefined {
    const reason = this.rejection(data);
    if (reason !== undefined) return reason;
    const bytes = Buffer.byteLength(data);
    const { host, records, nextId } = this.context;
    const record = { id: nextId(), stream: this.stored.name, ...encoded(data), bytes, arrivedAt: host.clock.now() };
    records.set(String(record.id), record);
    this.restore(record);
    return undefined;
  }

  /** Delivers the buffered records until the deadline (epoch milliseconds), and stops. */
  async stop(deadline: number): Promise<void> {
    this.deadline = deadline;
    this.stopping.abort();
    this.cancelTimer?.();
    const late = new AbortController();
    const finished = (this.running ?? Promise.resolve()).then(() => this.deliver());
    await Promise.race([finished, sleep(Math.max(0, deadline - Date.now()), undefined, { signal: late.signal })]);
    late.abort();
  }

  /** Discards the buffered records, and stops. */
  delete(): void {
    this.deadline = 0;
    this.stopping.abort();
    this.cancelTimer?.();
    this.remove(this.buffer.length);
  }

  /** Starts a delivery, or a timer for it. */
  private schedule(): void {
    const { stored, buffer, context, stopping } = this;
    const [oldest] = buffer;
    if (this.running || stopping.signal.aborted || !oldest) return;
    const { SizeInMBs, IntervalInSeconds } = stored.destination.BufferingHints;
    if (this.bufferedBytes >= SizeInMBs * MIB) this.start();
    else if (!this.cancelTimer) {
      const { clock } = context.host;
      const interval = stored.bufferingMs ?? IntervalInSeconds * 1_000;
      // The clock of an earlier run may have been ahead of this one.
      const left = Math.min(interval, oldest.arrivedAt + interval - clock.now());
      this.cancelTimer = clock.after(Math.max(0, left), () => this.start());
    }
  }

  private start(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.running) return;
    this.running = this.deliver().finally(() => {
      this.running = undefined;
      this.schedule();
    });
  }

  /** Delivers the records that are in the buffer now. */
  private async deliver(): Promise<void> {
    const { signal } = this.stopping;
    let due = this.buffer.length;
    while (due > 0 && Date.now() < this.deadline) {
      const batch = this.oldest(due);
      try {
        await this.write(batch);
        due -= batch.length;
      } catch (error) {
        const { message } = error as Error;
        this.context.host.observer.noted?.(`${this.stored.name} could not deliver and will retry: ${message}`);
        if (signal.aborted) return;
        await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** Returns the oldest of a number of records, up to the buffering size but at least one. */
  private oldest(count: number): readonly StoredRecord[] {
    const limit = this.stored.destination.BufferingHints.SizeInMBs * MIB;
    let bytes = 0;
    let end = 0;
    for (; end < count; end++) {
      bytes += this.buffer[end]?.bytes ?? 0;
      if (bytes > limit && end > 0) break;
    }
    return this.buffer.slice(0, end);
  }

  private async write(batch: readonly StoredRecord[]): Promise<void> {
    const { host, s3 } = this.context;
    const { destination } = this.stored;
    const bucket = bucketOf(destination);
    const key = this.keyOf(batch[0]?.arrivedAt ?? host.clock.now());
    const delimiter = Buffer.from(delimiterOf(destination));
    const content = Buffer.concat(batch.flatMap((record) => [decoded(record), delimiter]));
    const body = destination.CompressionFormat === "GZIP" ? await promisify(gzip)(content) : content;
    await s3.putObject({ bucket, key, body, contentType: "application/octet-stream" });
    // In the turn in which the object was registered, and so in its transaction.
    this.remove(batch.length);
    await host.storage.flush();
    host.observer.delivered?.(
      batch.map((record) => (record.isBase64 ? String(decoded(record)) : record.data)),
      `s3://${bucket}/${key}`,
    );
  }

  private keyOf(time: number): string {
    const { name, destination } = this.stored;
    const { Prefix = "", CustomTimeZone = "UTC" } = destination;
    const formatter = new PrefixFormatter(CustomTimeZone);
    // The version is that of the configuration.
    return `${formatter.evaluate(Prefix, time)}${name}-1-${formatter.stamp(time)}-${randomUUID()}${fileExtensionOf(destination)}`;
  }

  /** Removes the oldest records. */
  private remove(count: number): void {
    for (const { id, bytes } of this.buffer.splice(0, count)) {
      this.context.records.delete(String(id));
      this.bufferedBytes -= bytes;
    }
  }
}

function encoded(data: string | Uint8Array): Pick<StoredRecord, "data" | "isBase64"> {
  if (typeof data === "string") return { data };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return isUtf8(bytes) ? { data: bytes.toString() } : { data: bytes.toString("base64"), isBase64: true };
}

function decoded({ data, isBase64 }: StoredRecord): Buffer {
  return Buffer.from(data, isBase64 ? "base64" : "utf8");
}
