/**
 * Stands for `node:sqlite` in the bundle. fauxqs imports that module at its
 * top, but needs it only to keep data in a folder; Node has it from 22.5 on.
 */
const sqlite = process.getBuiltinModule("node:sqlite") as { DatabaseSync: new (path: string) => object } | undefined;

class MissingDatabaseSync {
  constructor() {
    throw new Error(`Keeping data in a folder needs Node 22.5 or newer (node:sqlite); this is ${process.version}.`);
  }
}

export const canPersist = sqlite !== undefined;
export const DatabaseSync = sqlite?.DatabaseSync ?? MissingDatabaseSync;
