/** node:sqlite; undefined before Node.js 22.13. It is not imported, because an import would fail there. */
const sqlite = withoutExperimentalWarning(
  () => process.getBuiltinModule("node:sqlite") as { DatabaseSync: new (path: string) => Database } | undefined,
);

/** The part of node:sqlite's DatabaseSync that is in use. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: unknown[]): unknown; all(...values: unknown[]): unknown[] };
  close(): void;
}

/** True if this Node.js version can store data in a folder. */
export const canPersist = sqlite !== undefined;

/** @throws Error when this Node.js version has no SQLite, or the file cannot be opened. */
export function openDatabase(path: string): Database {
  if (sqlite) return new sqlite.DatabaseSync(path);
  throw new Error(`A data folder requires Node.js 22.13 or newer (for node:sqlite), but this is ${process.version}.`);
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
