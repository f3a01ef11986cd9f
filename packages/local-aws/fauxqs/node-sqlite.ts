/**
 * Replaces `node:sqlite` in the bundle. fauxqs imports that module at its top,
 * but needs it only for a data folder. Node.js has it since 22.13.
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
    throw new Error(`A data folder needs Node.js 22.13 or newer (node:sqlite), and this is ${process.version}.`);
  }
}

/** Loads the module without the warning that Node.js 22 prints on stderr. */
function withoutExperimentalWarning<Loaded>(load: () => Loaded): Loaded {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** True if this Node.js can keep data in a folder. */
export const canPersist = sqlite !== undefined;

export const DatabaseSync = (sqlite?.DatabaseSync ?? MissingDatabaseSync) as new (path: string) => Database;
