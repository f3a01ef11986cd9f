import type { Database } from "../fauxqs/node-sqlite";
import type { PersistenceManager } from "../fauxqs/parts";
import { atomically, databaseOf } from "../fauxqs/persistence";

/** @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
const MAX_RECORD_BYTES = 1_000 * 1024;

/** A record that waits for delivery, with its number in the order of arrival. */
export interface BufferedRecord {
  readonly id: number;
  readonly text: string;
}

/** The records of one delivery stream that wait for delivery, in the order of arrival. */
export class DeliveryBuffer {
  private waiting: (() => void) | undefined;

  /** @param records - Records of an earlier run. */
  constructor(
    private readonly streamArn: string,
    private readonly records: BufferedRecord[],
    private readonly table: RecordTable | undefined,
    private readonly nextId: () => number,
  ) {}

  /** Number of records. */
  get size(): number {
    return this.records.length;
  }

  get isEmpty(): boolean {
    return this.records.length === 0;
  }

  /** Adds a record, or returns the reason why it is rejected. */
  put(text: string): string | undefined {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_RECORD_BYTES) {
      return `the record has ${bytes} bytes, and the limit of ${this.streamArn} is ${MAX_RECORD_BYTES}`;
    }
    const record = { id: this.nextId(), text };
    this.table?.insert(this.streamArn, record);
    this.records.push(record);
    this.wake();
    return undefined;
  }

  /** Returns the first records, up to a total size and at least one. They stay in the buffer until `remove`. */
  first(maxBytes: number): readonly BufferedRecord[] {
    let bytes = 0;
    const end = this.records.findIndex(({ text }, index) => {
      bytes += Buffer.byteLength(text);
      return bytes > maxBytes && index > 0;
    });
    return end === -1 ? [...this.records] : this.records.slice(0, end);
  }

  /** Removes the first records after their delivery. */
  remove(records: readonly BufferedRecord[]): void {
    this.table?.delete(records);
    this.records.splice(0, records.length);
  }

  /** Resolves when there is a record, or `wake` is called. */
  async wait(): Promise<void> {
    if (!this.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.waiting = resolve;
    });
  }

  wake(): void {
    this.waiting?.();
    this.waiting = undefined;
  }
}

/** The delivery buffers of all streams. Like Firehose, they are not visible to clients. */
export class DeliveryBuffers {
  /** The buffers by the ARN of the stream. */
  readonly byArn = new Map<string, DeliveryBuffer>();
  private readonly table: RecordTable | undefined;
  private readonly stored: readonly StoredRecord[];
  private lastId: number;

  /** @param persistence - Keeps the records on disk. @default - in memory */
  constructor(private readonly persistence: PersistenceManager | undefined) {
    this.table = persistence && new RecordTable(persistence);
    this.stored = this.table?.all() ?? [];
    this.lastId = this.stored.at(-1)?.id ?? 0;
  }

  /** Returns the buffer of a stream, with the records of an earlier run. */
  open(streamArn: string): DeliveryBuffer {
    const records = this.stored.filter((record) => record.streamArn === streamArn);
    const buffer = new DeliveryBuffer(streamArn, records, this.table, () => ++this.lastId);
    this.byArn.set(streamArn, buffer);
    return buffer;
  }

  /** Adds records in one step on disk. Returns the reason of each rejected one, undefined for the others. */
  putAll(streamArn: string, records: readonly string[]): (string | undefined)[] {
    return atomically(this.persistence, () => records.map((record) => this.put(streamArn, record)));
  }

  /** Adds a record, or returns the reason why it is rejected. Call it within `atomically`. */
  put(streamArn: string, record: string): string | undefined {
    const buffer = this.byArn.get(streamArn);
    return buffer ? buffer.put(record) : `there is no delivery stream ${streamArn}`;
  }
}

type StoredRecord = BufferedRecord & { readonly streamArn: string };

const SCHEMA = `
CREATE TABLE IF NOT EXISTS firehose_records (
  id INTEGER PRIMARY KEY,
  stream_arn TEXT NOT NULL,
  record TEXT NOT NULL
)`;

/** The records on disk, in the database of the queues, so that one transaction can write to both. */
class RecordTable {
  private readonly db: Database;
  private readonly inserting;
  private readonly deleting;

  constructor(private readonly persistence: PersistenceManager) {
    this.db = databaseOf(persistence);
    atomically(persistence, () => this.db.exec(SCHEMA));
    this.inserting = this.db.prepare("INSERT INTO firehose_records (id, stream_arn, record) VALUES (?, ?, ?)");
    this.deleting = this.db.prepare("DELETE FROM firehose_records WHERE id = ?");
  }

  /** Returns the records in the order of arrival. */
  all(): StoredRecord[] {
    const select = "SELECT id, stream_arn AS streamArn, record AS text FROM firehose_records ORDER BY id";
    return atomically(this.persistence, () => this.db.prepare(select).all()) as StoredRecord[];
  }

  /** Inserts a record. Call it within `atomically`. */
  insert(streamArn: string, { id, text }: BufferedRecord): void {
    this.inserting.run(id, streamArn, text);
  }

  delete(records: readonly BufferedRecord[]): void {
    atomically(this.persistence, () => {
      for (const { id } of records) this.deleting.run(id);
    });
  }
}
