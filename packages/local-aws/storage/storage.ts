import { join } from "node:path";
import { DiskError } from "../errors";
import { type Database, openDatabase } from "./node-sqlite";

/** Values by key, in memory and, with a folder, on disk. */
export class Table<Value> {
  private readonly byKey = new Map<string, Value>();
  /** Keys of the values that changed since the last commit. */
  private readonly changes = new Set<string>();

  /** @param onChange - Called after each change; undefined in memory. */
  constructor(private readonly onChange: (() => void) | undefined) {}

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): Value | undefined {
    return this.byKey.get(key);
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  keys(): IterableIterator<string> {
    return this.byKey.keys();
  }

  values(): IterableIterator<Value> {
    return this.byKey.values();
  }

  /** Stores a value, or a value that was changed in place. JSON.stringify must be able to write it. */
  set(key: string, value: Value): void {
    this.byKey.set(key, value);
    this.changed(key);
  }

  /** @returns whether there was a value. */
  delete(key: string): boolean {
    if (!this.byKey.delete(key)) return false;
    this.changed(key);
    return true;
  }

  /** Adds a value that is on disk. */
  load(key: string, value: Value): void {
    this.byKey.set(key, value);
  }

  get hasChanges(): boolean {
    return this.changes.size > 0;
  }

  /** Returns the changed keys, and forgets them. */
  takeChanges(): string[] {
    const changes = [...this.changes];
    this.changes.clear();
    return changes;
  }

  private changed(key: string): void {
    if (!this.onChange) return;
    this.changes.add(key);
    this.onChange();
  }
}

/** Where the services keep their data. */
export interface Storage {
  /** Folder of the files; undefined in memory. */
  readonly folder: string | undefined;
  /** Returns a table. Each name belongs to one service. */
  table<Value>(name: string): Table<Value>;
  /**
   * Makes all changes so far durable: those of one turn of the event loop in one transaction. The gateway calls it before
   * it acknowledges a request.
   *
   * @returns undefined if there is nothing to wait for.
   */
  flush(): Promise<void> | undefined;
  close(): void;
}

/** Keeps all data in memory. */
export class MemoryStorage implements Storage {
  readonly folder = undefined;

  table<Value>(): Table<Value> {
    return new Table<Value>(undefined);
  }

  flush(): undefined {}

  close(): void {}
}

/** Version of the tables below. */
const VERSION = 1;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS stored_values (
  table_name TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (table_name, key)
)`;

/** File of the tables, in the folder. */
const FILE = "services.sqlite";

/** Keeps all data in memory and in a folder. */
export class FolderStorage implements Storage {
  private readonly tables = new Map<string, Table<unknown>>();
  private readonly put: ReturnType<Database["prepare"]>;
  private readonly remove: ReturnType<Database["prepare"]>;
  private readonly select: ReturnType<Database["prepare"]>;
  private commit: Promise<void> | undefined;

  /**
   * @param onDiskError - Called when a write fails. It must not return, because the caller would acknowledge lost data.
   * @throws DiskError when the folder cannot be read or written.
   */
  static open(folder: string, onDiskError: (error: unknown) => never): FolderStorage {
    try {
      const database = openDatabase(join(folder, FILE));
      // With FULL, SQLite calls fsync at every commit.
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      const [{ user_version: version } = { user_version: 0 }] = database.prepare("PRAGMA user_version").all() as {
        user_version: number;
      }[];
      if (version !== 0 && version !== VERSION) throw new Error(`its version is ${version}, but this is ${VERSION}`);
      database.exec(`${SCHEMA}; PRAGMA user_version = ${VERSION}`);
      return new FolderStorage(folder, database, onDiskError);
    } catch (cause) {
      throw new DiskError(folder, cause);
    }
  }

  private constructor(
    readonly folder: string,
    private readonly database: Database,
    private readonly onDiskError: (error: unknown) => never,
  ) {
    this.put = database.prepare(
      "INSERT INTO stored_values VALUES (?, ?, ?) ON CONFLICT (table_name, key) DO UPDATE SET value = excluded.value",
    );
    this.remove = database.prepare("DELETE FROM stored_values WHERE table_name = ? AND key = ?");
    this.select = database.prepare("SELECT key, value FROM stored_values WHERE table_name = ? ORDER BY rowid");
  }

  table<Value>(name: string): Table<Value> {
    // Changes that no request waits for become durable too.
    const table = new Table<Value>(() => void this.flush());
    for (const { key, value } of this.select.all(name) as { key: string; value: string }[]) {
      table.load(key, JSON.parse(value) as Value);
    }
    this.tables.set(name, table as Table<unknown>);
    return table;
  }

  flush(): Promise<void> | undefined {
    if (this.commit) return this.commit;
    if (![...this.tables.values()].some((table) => table.hasChanges)) return undefined;
    this.commit = new Promise((resolve) => {
      setImmediate(() => {
        this.commit = undefined;
        this.write();
        resolve();
      });
    });
    return this.commit;
  }

  close(): void {
    this.write();
    this.database.close();
  }

  private write(): void {
    const changed = [...this.tables].map(([name, table]) => [name, table, table.takeChanges()] as const);
    if (changed.every(([, , keys]) => keys.length === 0)) return;
    try {
      this.database.exec("BEGIN");
      for (const [name, table, keys] of changed) {
        for (const key of keys) {
          const value = table.get(key);
          if (value === undefined) this.remove.run(name, key);
          else this.put.run(name, key, JSON.stringify(value));
        }
      }
      this.database.exec("COMMIT");
    } catch (error) {
      this.onDiskError(error);
    }
  }
}
