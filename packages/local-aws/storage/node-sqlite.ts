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

/** Opens a file. It needs a Node.js version that `canPersist`. */
export function openDatabase(path: string): Database {
  return new (sqlite as NonNullable<typeof sqlite>).DatabaseSync(path);
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
