import type {
  DeliveryStreamEncryptionConfigurationInput,
  ExtendedS3DestinationConfiguration,
} from "@aws-sdk/client-firehose";
import { ACCOUNT_ID } from "../account";
import type { Host } from "../host";
import { AwsError } from "../protocols/aws-error";
import type { S3 } from "../s3/s3";
import type { Table } from "../storage/storage";
import { DeliveryStream, type StoredRecord, type StoredStream, type StreamContext } from "./delivery-stream";
import { destinationOf } from "./destination";
import { invalidArgument } from "./errors";

export interface StreamOptions extends Partial<Pick<StoredStream, "encryption" | "tags" | "bufferingMs">> {
  readonly name: string;
  readonly destination: ExtendedS3DestinationConfiguration;
}

/** The delivery streams. */
export class Firehose {
  private readonly streamTable: Table<StoredStream>;
  private readonly byName = new Map<string, DeliveryStream>();
  private readonly context: StreamContext;
  private lastId = 0;

  constructor(
    private readonly host: Host,
    s3: S3,
  ) {
    this.streamTable = host.storage.table("firehose-streams");
    const records: Table<StoredRecord> = host.storage.table("firehose-records");
    this.context = { host, s3, records, nextId: () => ++this.lastId };
    for (const stored of this.streamTable.values()) {
      this.byName.set(stored.name, new DeliveryStream(this.context, stored));
    }
    for (const record of records.values()) {
      this.lastId = Math.max(this.lastId, record.id);
      this.byName.get(record.stream)?.restore(record);
    }
  }

  /** Names of the streams, in their order. */
  get names(): readonly string[] {
    return [...this.byName.keys()].sort();
  }

  get streams(): readonly DeliveryStream[] {
    return [...this.byName.values()];
  }

  /** @throws AwsError when there is no such stream. */
  stream(name = ""): DeliveryStream {
    const stream = this.byName.get(name);
    if (stream) return stream;
    throw new AwsError("ResourceNotFoundException", `Firehose ${name} under account ${ACCOUNT_ID} not found.`);
  }

  streamByArn(arn: string): DeliveryStream | undefined {
    const stream = this.byName.get(arn.slice(arn.indexOf("/") + 1));
    return stream?.stored.arn === arn ? stream : undefined;
  }

  /**
   * Creates a stream. An existing stream keeps its records and gets the new configuration.
   *
   * @throws AwsError for what AWS would reject, and NotSupported for what has no effect here.
   */
  createStream({ name, destination, encryption, tags = [], bufferingMs }: StreamOptions): DeliveryStream {
    if (!/^[\w.-]{1,64}$/.test(name)) {
      throw invalidArgument(
        `Invalid DeliveryStreamName ${name}: expected 1 to 64 letters, digits, underscores, dots and hyphens.`,
      );
    }
    const arn = `arn:aws:firehose:${this.host.region}:${ACCOUNT_ID}:deliverystream/${name}`;
    const createdAt = this.byName.get(name)?.stored.createdAt ?? this.host.clock.now();
    return this.save({ name, arn, createdAt, destination: destinationOf(destination), encryption, tags, bufferingMs });
  }

  /** Stores a stream, or a stream's new configuration. @throws AwsError for an invalid encryption. */
  save(stored: StoredStream): DeliveryStream {
    if (stored.encryption) validateEncryption(stored.encryption);
    const existing = this.byName.get(stored.name);
    const stream = existing ?? new DeliveryStream(this.context, stored);
    existing?.update(stored);
    this.byName.set(stored.name, stream);
    this.streamTable.set(stored.name, stored);
    return stream;
  }

  /** Deletes a stream with its buffered records. @throws AwsError when there is no such stream. */
  deleteStream(name: string | undefined): void {
    const stream = this.stream(name);
    stream.delete();
    this.byName.delete(stream.stored.name);
    this.streamTable.delete(stream.stored.name);
  }

  /** Delivers the buffered records until the deadline (epoch milliseconds), and stops. The rest stays in the storage. */
  async stop(deadline: number): Promise<void> {
    await Promise.all(this.streams.map((stream) => stream.stop(deadline)));
  }
}

/** @throws AwsError for an unknown type of key, and for a key that does not fit its type. */
function validateEncryption({ KeyType, KeyARN }: DeliveryStreamEncryptionConfigurationInput): void {
  if (KeyType === (KeyARN === undefined ? "AWS_OWNED_CMK" : "CUSTOMER_MANAGED_CMK")) return;
  throw invalidArgument(
    `Invalid KeyType ${KeyType} ${KeyARN === undefined ? "without" : "with"} a KeyARN: expected CUSTOMER_MANAGED_CMK with a KeyARN, or AWS_OWNED_CMK without one.`,
  );
}
