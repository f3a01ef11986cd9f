// The internal modules of dynalite 4.0.0 that its HTTP server uses.

declare module "dynalite/db/index.js" {
  /** A LevelDB store, or one in memory. */
  export interface Store {
    readonly db: { open(): Promise<void> };
    readonly tableDb: { awsAccountId: string; awsRegion: string };
    readonly lifecycleManager: { gracefulClose(): Promise<void> };
  }

  export interface StoreOptions {
    /** Folder of the LevelDB store. @default - in memory */
    path?: string;
    /** Milliseconds that a table stays in the status CREATING. */
    createTableMs?: number;
    /** Milliseconds that a table stays in the status DELETING. */
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

  /** Creates an HTTP server for DynamoDB. Closing a listening server closes its store. */
  export default function dynalite(options: { createTableMs?: number }): Server;
}
