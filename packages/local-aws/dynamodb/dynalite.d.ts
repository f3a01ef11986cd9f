// Types for the modules of dynalite 4.0.0. It has no exports map, so all of them are its interface.

declare module "dynalite/db/index.js" {
  type Callback<Value = unknown> = (error: Error | null | undefined, value?: Value) => void;
  /** Wraps the callback of the work under a lock, so that the lock is released before it is called. */
  type Release = <Done extends Callback>(done: Done) => Done;

  /** The items of a table or of an index by key. */
  export interface ItemDb {
    get(key: string, callback: Callback<Item>): void;
    put(key: string, item: Item, callback: Callback): void;
    del(key: string, callback: Callback): void;
    lock(key: string | readonly string[], work: (release: Release) => void): void;
  }

  export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  export interface Table {
    readonly TableName: string;
  }

  /** One write of a batch, with the key in the whole store. */
  export type Write =
    | { readonly type: "put"; readonly key: string; readonly value: Item }
    | { readonly type: "del"; readonly key: string };

  interface Range {
    readonly gte: string;
    readonly lt: string;
  }

  /** A store in a LevelDB folder or in memory. */
  export interface Store {
    readonly db: {
      open(): Promise<void>;
      batch(writes: readonly Write[], callback: Callback): void;
      iterator(range: Range): AsyncIterable<[key: string, value: Item]>;
      clear(range: Range): Promise<void>;
    };
    readonly tableDb: { awsAccountId: string; awsRegion: string };
    readonly lifecycleManager: { gracefulClose(): Promise<void> };
    getTable(name: string, callback: Callback<Table>): void;
    getItemDb(table: string): ItemDb;
    getIndexDb(type: string, table: string, index: string): ItemDb;
  }

  export interface StoreOptions {
    /** Folder of the LevelDB store. @default - in memory */
    path?: string;
    /** Time in the status CREATING, in milliseconds. */
    createTableMs?: number;
    /** Time in the status DELETING, in milliseconds. */
    deleteTableMs?: number;
    /** Time in the status UPDATING, in milliseconds. */
    updateTableMs?: number;
  }

  const db: {
    create(options: StoreOptions): Store;
    /** Returns an error if the item lacks a key of the table. */
    validateItem(item: Item, table: Table): Error | null | undefined;
    validateKey(key: Item, table: Table): Error | null | undefined;
    createKey(item: Item, table: Table): string;
    /** Returns the size that DynamoDB counts, in bytes. */
    itemSize(item: Item): number;
  };
  export default db;
}

declare module "dynalite/validations/index.js" {
  import type { Store } from "dynalite/db/index.js";

  export interface Validation {
    readonly types: Readonly<Record<string, unknown>>;
    readonly custom?: (data: object, store: Store) => string | undefined;
  }

  const validations: {
    checkTypes(data: object, types: Validation["types"]): object;
    checkValidations(data: object, types: Validation["types"], custom: Validation["custom"], store: Store): void;
  };
  export default validations;
}

declare module "dynalite" {
  import type { Server } from "node:http";

  /** Creates an HTTP server for DynamoDB. Closing a listening server closes its store. */
  export default function dynalite(options: { createTableMs?: number }): Server;
}
