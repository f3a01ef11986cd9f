/**
 * Replaces `node:sqlite` in the bundle. fauxqs always imports `node:sqlite`, but
 * uses it only for a data folder. Node.js includes it from version 22.13.
 */
const sqlite = withoutExperimentalWarning(
  () => process.getBuiltinModule("node:sqlite") as { DatabaseSync: new (path: string) => Database } | undefined,
);

/** The part of node:sqlite's DatabaseSync that the local run uses. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: unknown[]): unknown; all(...values: unknown[]): unknown[] };
  close(): void;
}

class MissingDatabaseSync {
  constructor() {
    throw new Error(`A data folder requires Node.js 22.13 or newer (for node:sqlite), but this is ${process.version}.`);
  }
}

/** Calls `load`, and suppresses the experimental warning that Node.js 22 would print. */
function withoutExperimentalWarning<Loaded>(load: () => Loaded): Loaded {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** True if this Node.js version can store data in a folder. */
export const canPersist = sqlite !== undefined;

export const DatabaseSync = (sqlite?.DatabaseSync ?? MissingDatabaseSync) as new (path: string) => Database;
