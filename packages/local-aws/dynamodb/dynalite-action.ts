import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import type { ItemDb, Store, Write } from "dynalite/db/index.js";
import validations, { type Validation } from "dynalite/validations/index.js";

const load = createRequire(import.meta.url);

type Done = (error: Error | null | undefined, output?: object) => void;

/** An action of dynalite. It is called directly, because unexpected input would crash dynalite's own server. */
export class DynaliteAction {
  private readonly validation: Validation;
  private readonly perform: (store: Store, input: object, done: Done) => void;

  constructor(name: string) {
    const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
    this.validation = load(`dynalite/validations/${file}`) as Validation;
    this.perform = load(`dynalite/actions/${file}`) as DynaliteAction["perform"];
  }

  /** Types of the parameters that dynalite reads. */
  get types(): Validation["types"] {
    return this.validation.types;
  }

  /**
   * Returns the validated input.
   *
   * @throws Error with a `body` for invalid input.
   */
  input<Input extends object>(request: object, store: Store): Input {
    const { types, custom } = this.validation;
    const input = validations.checkTypes(request, types);
    validations.checkValidations(input, types, custom, store);
    return input as Input;
  }

  /** Runs the action. An error in any of its callbacks fails only this call. */
  run(store: Store, input: object): Promise<object> {
    return calling<object>((done) => this.perform(store, input, done)).then((output) => output ?? {});
  }
}

/** A call of dynalite's code that is not finished. */
interface Call {
  readonly reject: (error: Error) => void;
  /** Functions that release the locks that the call holds. */
  readonly locks: Set<() => void>;
  /** Writes of secondary indexes under one lock. They wait for the write of their item. */
  readonly indexWrites: Write[];
}

const calls = new AsyncLocalStorage<Call>();

/** Calls code of dynalite. Any error, even in a later callback or in a stream, rejects only this call. */
export function calling<Output>(
  call: (done: (error: Error | null | undefined, output?: Output) => void) => void,
): Promise<Output | undefined> {
  return new Promise((resolve, reject) => {
    const state: Call = { reject, locks: new Set(), indexWrites: [] };
    calls.run(state, () => call((error, output) => (error ? reject(error) : resolve(output))));
  });
}

/** Returns dynalite's prefix of the keys of a table's items in the whole store. */
export function itemPrefix(table: string): string {
  return `item-${table}~`;
}

export function indexPrefix(type: string, table: string, index: string): string {
  return `index-${type.toLowerCase()}~${table}~${index}~`;
}

/**
 * Returns a store whose locks are released when their call fails by an error that dynalite does not catch. It writes an item
 * and its entries in the secondary indexes at once: dynalite writes them one by one, and a killed process would leave only some.
 */
export function guarded(store: Store): Store {
  return {
    ...store,
    getItemDb(table): ItemDb {
      const items = store.getItemDb(table);
      const prefix = itemPrefix(table);
      return {
        ...items,
        put(key, value, callback) {
          const indexWrites = takeIndexWrites();
          if (indexWrites.length === 0) items.put(key, value, callback);
          else store.db.batch([...indexWrites, { type: "put", key: prefix + key, value }], callback);
        },
        del(key, callback) {
          const indexWrites = takeIndexWrites();
          if (indexWrites.length === 0) items.del(key, callback);
          else store.db.batch([...indexWrites, { type: "del", key: prefix + key }], callback);
        },
        lock: (key, work) => lockInCall(items, key, work),
      };
    },
    getIndexDb(type, table, index): ItemDb {
      const prefix = indexPrefix(type, table, index);
      return {
        ...store.getIndexDb(type, table, index),
        put(key, value, callback) {
          calls.getStore()?.indexWrites.push({ type: "put", key: prefix + key, value });
          callback(null);
        },
        del(key, callback) {
          calls.getStore()?.indexWrites.push({ type: "del", key: prefix + key });
          callback(null);
        },
      };
    },
  };
}

function takeIndexWrites(): readonly Write[] {
  return calls.getStore()?.indexWrites.splice(0) ?? [];
}

/** Locks an item for a call, or outside of any. */
function lockInCall(items: ItemDb, key: string | readonly string[], work: Parameters<ItemDb["lock"]>[1]): void {
  const call = calls.getStore();
  if (!call) {
    items.lock(key, work);
    return;
  }
  items.lock(key, (release) => {
    const unlock = release(() => undefined);
    call.locks.add(unlock);
    const releaseInCall: typeof release = (done) => {
      const finish = release(done);
      return ((error, value) => {
        call.locks.delete(unlock);
        finish(error, value);
      }) as typeof done;
    };
    // Dynalite calls this in the turn of the call that held the lock before. BatchWriteItem holds many locks at a time.
    calls.run({ ...call, indexWrites: [] }, work, releaseInCall);
  });
}

let openStores = 0;

/** Catches errors in dynalite's callbacks until the returned function is called. */
export function catchUncaught(): () => void {
  if (openStores++ === 0) process.on("uncaughtException", onUncaught);
  return () => {
    if (--openStores === 0) process.off("uncaughtException", onUncaught);
  };
}

function onUncaught(error: Error): void {
  const call = calls.getStore();
  if (call) {
    for (const unlock of call.locks) unlock();
    call.locks.clear();
    call.reject(error);
  } else if (process.listenerCount("uncaughtException") === 1) {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  }
}
