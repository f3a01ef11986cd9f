import type { PersistenceManager } from "../fauxqs/parts";

/** A method that fauxqs declares private. */
interface Transactions {
  transaction(change: () => void): void;
}

/** Keeps on disk all that `change` writes, or nothing of it. Not to be nested. */
export function atomically<Result>(persistence: PersistenceManager | undefined, change: () => Result): Result {
  if (!persistence) return change();
  let results: Result[] = [];
  (persistence as unknown as Transactions).transaction(() => {
    results = [change()];
  });
  return results[0] as Result;
}
