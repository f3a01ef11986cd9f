import type { Database } from "../fauxqs/node-sqlite";
import type { PersistenceManager } from "../fauxqs/parts";
import { atomically, databaseOf } from "../fauxqs/persistence";

/** @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
const MAX_RECORD_BYTES = 1_000 * 1024;

/** A record that is waiting for delivery. A later record has a higher ID. */
export interface BufferedRecord {
  readonly id: number;
  readonly text: string;
}

/** A delivery stream's records that are waiting for delivery, oldest first. */
export class DeliveryBuffer {
  private waiting: (() => void) | undefined;

  /** @param records - Records from an earlier run. */
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

  /** Adds a record. Returns the reason if the buffer rejects the record; otherwise undefined. */
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

  /** Returns the oldest records, up to `maxBytes` in total but at least one, without removing them. */
  peek(maxBytes: number): readonly BufferedRecord[] {
    let bytes = 0;
    const end = this.records.findIndex(({ text }, index) => {
      bytes += Buffer.byteLength(text);
      return bytes > maxBytes && index > 0;
    });
    return end === -1 ? [...this.records] : this.records.slice(0, end);
  }

  /** Removes the records that `peek` returned, after their delivery. */
  remove(records: readonly BufferedRecord[]): void {
    this.table?.delete(records);
    this.records.splice(0, records.length);
  }

  /** Waits until the buffer has a record or `wake` is called. */
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

/** The buffers of all delivery streams. As on AWS, clients cannot see them. */
export class DeliveryBuffers {
  /** Buffers by the delivery stream's ARN. */
  readonly byArn = new Map<string, DeliveryBuffer>();
  private readonly table: RecordTable | undefined;
  private readonly stored: readonly StoredRecord[];
  private lastId: number;

  /** @param persistence - Database for the records; undefined to keep them in memory. */
  constructor(private readonly persistence: PersistenceManager | undefined) {
    this.table = persistence && new RecordTable(persistence);
    this.stored = this.table?.all() ?? [];
    this.lastId = this.stored.at(-1)?.id ?? 0;
  }

  /** Creates a delivery stream's buffer, with the records from an earlier run. */
  open(streamArn: string): DeliveryBuffer {
    const records = this.stored.filter((record) => record.streamArn === streamArn);
    const buffer = new DeliveryBuffer(streamArn, records, this.table, () => ++this.lastId);
    this.byArn.set(streamArn, buffer);
    return buffer;
  }

  /** Adds records in one transaction. For each record, returns the reason if it is rejected; otherwise undefined. */
  putAll(streamArn: string, records: readonly string[]): (string | undefined)[] {
    return atomically(this.persistence, () => records.map((record) => this.put(streamArn, record)));
  }

  /** Adds a record. Returns the reason if the record is rejected; otherwise undefined. Call it within `atomically`. */
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

/** The records on disk. They share the queues' database, so that one transaction can write to both. */
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

  /** Returns all records, oldest first. */
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
