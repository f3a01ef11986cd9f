import { type Clock, isMachineClock, RunningClock } from "../clock";
import { DiskError } from "../errors";
import { openDataFolder } from "./data-folder";
import type { Database } from "./node-sqlite";

/** Values by key, in memory and, with a folder, on disk. */
export class Table<Value> {
  private readonly byKey = new Map<string, Value>();
  /** Keys that changed since the last commit; new ones in the order of their values. True if a value was deleted. */
  private changes = new Map<string, boolean>();

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
    if (!this.byKey.has(key)) this.putLast(key);
    this.byKey.set(key, value);
    this.changed(key, false);
  }

  /** @returns whether there was a value. */
  delete(key: string): boolean {
    if (!this.byKey.delete(key)) return false;
    this.changed(key, true);
    return true;
  }

  /** Adds a value that is on disk. */
  load(key: string, value: Value): void {
    this.byKey.set(key, value);
  }

  /** Returns the changed keys, and forgets them. True if a value was deleted, even if there is a new one. */
  takeChanges(): ReadonlyMap<string, boolean> {
    const { changes } = this;
    if (changes.size > 0) this.changes = new Map();
    return changes;
  }

  private changed(key: string, isDeleted: boolean): void {
    if (!this.onChange) return;
    this.changes.set(key, isDeleted || this.changes.get(key) === true);
    this.onChange();
  }

  /** Writes a new value after the others, also if its key had a value that was deleted since the last commit. */
  private putLast(key: string): void {
    const wasDeleted = this.changes.get(key);
    if (wasDeleted === undefined) return;
    this.changes.delete(key);
    this.changes.set(key, wasDeleted);
  }
}

/** The data of the services. */
export interface Storage {
  /** Folder of the files; undefined in memory. */
  readonly folder: string | undefined;
  /** True if nothing was stored before the start. */
  readonly isNew: boolean;
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
  readonly isNew = true;

  table<Value>(): Table<Value> {
    return new Table<Value>(undefined);
  }

  flush(): undefined {}

  close(): void {}
}

/** Table and key of the clock's time at the last commit. */
const [CLOCK_TABLE, CLOCK_KEY] = ["clock", JSON.stringify("now")];

/** Keeps all data in memory and in a folder. */
export class FolderStorage implements Storage {
  private readonly tables = new Map<string, Table<unknown>>();
  private readonly put: ReturnType<Database["prepare"]>;
  private readonly remove: ReturnType<Database["prepare"]>;
  private readonly select: ReturnType<Database["prepare"]>;
  readonly isNew: boolean;
  /** The next commit; undefined if there are no changes. */
  private commit: Promise<void> | undefined;

  /**
   * Opens a folder, and creates it if it does not exist. Only one process may use it at a time.
   *
   * @param onDiskError - Called when a write fails. It must not return, because the caller would acknowledge lost data.
   * @param clock - Continues from the time of the last commit, because the times in the data are of that clock.
   * @throws LocalRunError when the folder cannot be used, and DiskError when its data is damaged.
   */
  static open(
    folder: string,
    onDiskError: (error: unknown) => never,
    clock: Clock = new RunningClock(),
  ): FolderStorage {
    return new FolderStorage(folder, openDataFolder(folder), onDiskError, clock);
  }

  private constructor(
    readonly folder: string,
    private readonly database: Database,
    private readonly onDiskError: (error: unknown) => never,
    private readonly clock: Clock,
  ) {
    this.put = database.prepare(
      "INSERT INTO stored_values VALUES (?, ?, ?) ON CONFLICT (table_name, key) DO UPDATE SET value = excluded.value",
    );
    this.remove = database.prepare("DELETE FROM stored_values WHERE table_name = ? AND key = ?");
    this.select = database.prepare("SELECT key, value FROM stored_values WHERE table_name = ? ORDER BY rowid");
    this.isNew = database.prepare("SELECT 1 FROM stored_values LIMIT 1").all().length === 0;
    const [time] = this.select.all(CLOCK_TABLE) as { value: string }[];
    if (time) clock.continueFrom(Number(time.value));
  }

  table<Value>(name: string): Table<Value> {
    if (this.tables.has(name)) throw new Error(`The table ${name} is in use.`);
    const table = new Table<Value>(() => this.schedule());
    try {
      for (const { key, value } of this.select.all(name) as { key: string; value: string }[]) {
        table.load(JSON.parse(key) as string, JSON.parse(value) as Value);
      }
    } catch (cause) {
      throw new DiskError(this.folder, cause);
    }
    this.tables.set(name, table as Table<unknown>);
    return table;
  }

  flush(): Promise<void> | undefined {
    return this.commit;
  }

  close(): void {
    this.write();
    this.database.close();
    // Work that continues changes nothing on disk, and nobody may acknowledge it.
    this.tables.clear();
    this.commit = new Promise(() => undefined);
  }

  /** Commits the changes of this turn at its end, even those that no request waits for. */
  private schedule(): void {
    this.commit ??= new Promise((resolve) => {
      setImmediate(() => {
        this.commit = undefined;
        this.write();
        resolve();
      });
    });
  }

  private write(): void {
    const changed = [...this.tables].map(([name, table]) => [name, table, table.takeChanges()] as const);
    if (changed.every(([, , keys]) => keys.size === 0)) return;
    try {
      this.database.exec("BEGIN");
      for (const [name, table, keys] of changed) {
        for (const [key, isDeleted] of keys) {
          const value = table.get(key);
          const text = JSON.stringify(key); // Node.js 22 reads a text from SQLite up to its first NUL character.
          if (isDeleted) this.remove.run(name, text);
          if (value !== undefined) this.put.run(name, text, JSON.stringify(value));
        }
      }
      if (!isMachineClock(this.clock)) this.put.run(CLOCK_TABLE, CLOCK_KEY, String(this.clock.now()));
      this.database.exec("COMMIT");
    } catch (error) {
      this.onDiskError(error);
    }
  }
}
