import db, { type ItemDb, type Store, type Table, type Write } from "dynalite/db/index.js";
import type { DynamodbItem } from "../observer";
import { AwsError } from "../protocols/aws-error";
import { calling, indexPrefix, itemPrefix } from "./dynalite-action";

/** Maximum number of items in a transaction. */
const MAX_ITEMS = 100;

/** An item of a transaction: its table, and its key, or the whole item. */
export interface Target {
  readonly table: string;
  readonly item: DynamodbItem;
  /** True if `item` is the whole item. */
  readonly isWhole: boolean;
}

/** @throws AwsError if the list has not 1 to 100 elements. */
export function assertTransactItems(items: unknown): asserts items is readonly object[] {
  if (Array.isArray(items) && items.length > 0 && items.length <= MAX_ITEMS) return;
  const length = Array.isArray(items) ? items.length : 0;
  const message = `1 validation error detected: Value '[${length} items]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ITEMS} and greater than or equal to 1`;
  throw new AwsError("ValidationException", message);
}

/**
 * Locks items, so that no other action writes them, and calls `work`.
 *
 * @throws AwsError when two targets are the same item.
 */
export async function withLocks<Output>(
  store: Store,
  targets: readonly Target[],
  work: () => Promise<Output>,
): Promise<Output> {
  const keys = new Map<string, { readonly table: string; readonly key: string }>();
  for (const { table, item, isWhole } of targets) {
    const description = (await calling<Table>((done) => store.getTable(table, done))) as Table;
    const invalid = isWhole ? db.validateItem(item, description) : db.validateKey(item, description);
    if (invalid) throw invalid;
    const key = db.createKey(item, description);
    const name = `${table}~${key}`;
    if (keys.has(name)) {
      const message = "Transaction request cannot include multiple operations on one item";
      throw new AwsError("ValidationException", message);
    }
    keys.set(name, { table, key });
  }
  // Each transaction locks in the same order, so that two of them cannot wait for each other.
  const ordered = [...keys.entries()].sort(([one], [other]) => (one < other ? -1 : 1));
  const releases: (() => void)[] = [];
  try {
    for (const [, { table, key }] of ordered) {
      await new Promise<void>((resolve) => {
        store.getItemDb(table).lock(key, (release) => {
          releases.push(release(() => undefined));
          resolve();
        });
      });
    }
    return await work();
  } finally {
    for (const release of releases) release();
  }
}

/** A store that collects writes. Its items are locked already. */
export class CollectingStore {
  readonly writes: Write[] = [];
  /** The items that are written; index entries are not among them. */
  readonly items: DynamodbItem[] = [];
  /** The item that was read last. */
  lastRead: DynamodbItem | undefined;
  readonly store: Store;

  constructor(private readonly real: Store) {
    this.store = {
      ...real,
      getItemDb: (table) => this.collecting(real.getItemDb(table), itemPrefix(table)),
      getIndexDb: (type, table, index) =>
        this.collecting(real.getIndexDb(type, table, index), indexPrefix(type, table, index), []),
    };
  }

  /** Makes all writes at once: all of them are stored, or none. */
  async commit(): Promise<void> {
    await calling((done) => this.real.db.batch(this.writes, done));
  }

  /** @param prefix - Dynalite's prefix of the keys in the whole store. */
  private collecting(items: ItemDb, prefix: string, written = this.items): ItemDb {
    return {
      get: (key, callback) =>
        items.get(key, (error, item) => {
          this.lastRead = item;
          callback(error, item);
        }),
      put: (key, value, callback) => {
        this.writes.push({ type: "put", key: prefix + key, value });
        written.push(value);
        setImmediate(callback, null);
      },
      del: (key, callback) => {
        this.writes.push({ type: "del", key: prefix + key });
        setImmediate(callback, null);
      },
      lock: (_key, work) => work((done) => done),
    };
  }
}
