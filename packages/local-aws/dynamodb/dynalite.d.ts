// Types for dynalite 4.0.0 and its internal modules.

declare module "dynalite/db/index.js" {
  /** A store in a LevelDB folder or in memory. */
  export interface Store {
    readonly db: { open(): Promise<void> };
    readonly tableDb: { awsAccountId: string; awsRegion: string };
    readonly lifecycleManager: { gracefulClose(): Promise<void> };
  }

  export interface StoreOptions {
    /** Folder of the LevelDB store. @default - in memory */
    path?: string;
    /** Time in the status CREATING, in milliseconds. */
    createTableMs?: number;
    /** Time in the status DELETING, in milliseconds. */
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
