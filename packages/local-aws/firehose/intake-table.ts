import type { PersistenceManager } from "../fauxqs/parts";
import { atomically } from "../sqs/atomically";

/** A record that waits, and its number in the order of arrival. */
export interface IntakeRecord {
  readonly id: number;
  readonly text: string;
}

interface WithDatabase {
  readonly db: {
    exec(sql: string): void;
    prepare(sql: string): { run(...values: (string | number)[]): unknown; all(...values: string[]): unknown[] };
  };
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS firehose_records (
  id INTEGER PRIMARY KEY,
  stream_arn TEXT NOT NULL,
  record TEXT NOT NULL
)`;

/**
 * The records on disk, beside the queues: one step writes to both. All of it is
 * within `atomically`, which reports a folder that takes no more.
 */
export class IntakeTable {
  private readonly db: WithDatabase["db"];
  private readonly inserting;
  private readonly deleting;

  constructor(private readonly persistence: PersistenceManager) {
    this.db = (persistence as unknown as WithDatabase).db;
    atomically(persistence, () => this.db.exec(SCHEMA));
    this.inserting = this.db.prepare("INSERT INTO firehose_records (id, stream_arn, record) VALUES (?, ?, ?)");
    this.deleting = this.db.prepare("DELETE FROM firehose_records WHERE id = ?");
  }

  /** To be called within `atomically`. */
  insert(streamArn: string, { id, text }: IntakeRecord): void {
    this.inserting.run(id, streamArn, text);
  }

  delete(records: readonly IntakeRecord[]): void {
    atomically(this.persistence, () => {
      for (const { id } of records) this.deleting.run(id);
    });
  }

  recordsOf(streamArn: string): IntakeRecord[] {
    const select = "SELECT id, record AS text FROM firehose_records WHERE stream_arn = ? ORDER BY id";
    return atomically(this.persistence, () => this.db.prepare(select).all(streamArn)) as IntakeRecord[];
  }

  /** The number of the last record that there is. */
  lastId(): number {
    const select = "SELECT max(id) AS id FROM firehose_records";
    const [row] = atomically(this.persistence, () => this.db.prepare(select).all());
    return (row as { id: number | null }).id ?? 0;
  }
}
