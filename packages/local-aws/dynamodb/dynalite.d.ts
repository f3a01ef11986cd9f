// The parts of dynalite 4.0.0 that its HTTP server is made of.

declare module "dynalite/db/index.js" {
  /** A LevelDB, or its like in memory, with callbacks. */
  export interface Store {
    readonly db: { open(): Promise<void> };
    readonly tableDb: { awsAccountId: string; awsRegion: string };
    readonly lifecycleManager: { gracefulClose(): Promise<void> };
  }

  export interface StoreOptions {
    /** Folder of the LevelDB store; in memory when absent. */
    path?: string;
    /** Milliseconds that a table stays in CREATING. */
    createTableMs?: number;
    /** Milliseconds that a table stays in DELETING. */
    deleteTableMs?: number;
  }

  const db: { create(options: StoreOptions): Store };
  export default db;
}

declare module "dynalite/validations/index.js" {
  import type { Store } from "dynalite/db/index.js";

  export interface Validation {
    readonly types: object;
    readonly custom?: (data: object, store: Store) => string | undefined;
  }

  const validations: {
    checkTypes(data: object, types: object): object;
    checkValidations(data: object, types: object, custom: Validation["custom"], store: Store): void;
  };
  export default validations;
}

declare module "dynalite" {
  import type { Server } from "node:http";

  /** An HTTP server that speaks DynamoDB; closing it closes the store, if it was listening. */
  export default function dynalite(options: { createTableMs?: number }): Server;
}
