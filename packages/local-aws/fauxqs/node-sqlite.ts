/**
 * Stands for `node:sqlite` in the bundle. fauxqs imports that module at its
 * top, but needs it only to keep data in a folder; Node.js has it from 22.13 on.
 */
const sqlite = withoutExperimentalWarning(
  () => process.getBuiltinModule("node:sqlite") as { DatabaseSync: new (path: string) => Database } | undefined,
);

/** The part of node:sqlite's DatabaseSync that the local run uses itself. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: unknown[]): unknown };
  close(): void;
}

class MissingDatabaseSync {
  constructor() {
    throw new Error(`Keeping data in a folder needs Node.js 22.13 or newer (node:sqlite); this is ${process.version}.`);
  }
}

/** Node.js 22 calls the module experimental on stderr, where this run says what its user has to know. */
function withoutExperimentalWarning<Loaded>(load: () => Loaded): Loaded {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

export const canPersist = sqlite !== undefined;
export const DatabaseSync = (sqlite?.DatabaseSync ?? MissingDatabaseSync) as new (path: string) => Database;
