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
  private readonly records: BufferedRecord[];
  private waiting: (() => void) | undefined;

  constructor(
    private readonly streamArn: string,
    private readonly table: RecordTable | undefined,
    private readonly nextId: () => number,
  ) {
    this.records = table?.recordsOf(streamArn) ?? [];
  }

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
  private readonly byArn = new Map<string, DeliveryBuffer>();
  private readonly table: RecordTable | undefined;
  private lastId: number;

  /** @param persistence - Keeps the records on disk. @default - in memory */
  constructor(private readonly persistence: PersistenceManager | undefined) {
    this.table = persistence && new RecordTable(persistence);
    this.lastId = this.table?.lastId() ?? 0;
  }

  /** Returns the buffer of a stream, with the records of an earlier run. */
  open(streamArn: string): DeliveryBuffer {
    const buffer = this.byArn.get(streamArn) ?? new DeliveryBuffer(streamArn, this.table, () => ++this.lastId);
    this.byArn.set(streamArn, buffer);
    return buffer;
  }

  has(streamArn: string): boolean {
    return this.byArn.has(streamArn);
  }

  get arns(): readonly string[] {
    return [...this.byArn.keys()];
  }

  get all(): readonly DeliveryBuffer[] {
    return [...this.byArn.values()];
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

  /** Inserts a record. Call it within `atomically`. */
  insert(streamArn: string, { id, text }: BufferedRecord): void {
    this.inserting.run(id, streamArn, text);
  }

  delete(records: readonly BufferedRecord[]): void {
    atomically(this.persistence, () => {
      for (const { id } of records) this.deleting.run(id);
    });
  }

  recordsOf(streamArn: string): BufferedRecord[] {
    const select = "SELECT id, record AS text FROM firehose_records WHERE stream_arn = ? ORDER BY id";
    return atomically(this.persistence, () => this.db.prepare(select).all(streamArn)) as BufferedRecord[];
  }

  lastId(): number {
    const select = "SELECT max(id) AS id FROM firehose_records";
    const [row] = atomically(this.persistence, () => this.db.prepare(select).all());
    return (row as { id: number | null }).id ?? 0;
  }
}
