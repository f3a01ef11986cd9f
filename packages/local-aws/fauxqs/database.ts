import type { Database } from "./node-sqlite";
import type { PersistenceManager } from "./parts";

/** The members that fauxqs declares private. */
interface Internals {
  readonly db: Database;
  transaction(change: () => void): void;
}

/** Returns the SQLite database of fauxqs. */
export function databaseOf(persistence: PersistenceManager): Database {
  return (persistence as unknown as Internals).db;
}

/** Writes all changes to disk in one transaction, or none of them. Calls must not be nested. */
export function atomically<Result>(persistence: PersistenceManager | undefined, change: () => Result): Result {
  if (!persistence) return change();
  let results: Result[] = [];
  (persistence as unknown as Internals).transaction(() => {
    results = [change()];
  });
  return results[0] as Result;
}
