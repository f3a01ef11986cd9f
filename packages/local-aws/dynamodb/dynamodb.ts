import { existsSync } from "node:fs";
import { join } from "node:path";
import db, { type ItemDb, type Store } from "dynalite/db/index.js";
import { ACCOUNT_ID } from "../account";
import { DiskError, MissingData } from "../errors";
import type { Host } from "../host";
import type { DynamodbItem } from "../observer";
import { AwsError } from "../protocols/aws-error";
import { InvalidInput, NotSupported } from "../protocols/invalid-input";
import { catchUncaught, DynaliteAction, guarded } from "./dynalite-action";
import { type Expression, returnsOldItem, validateExpression, validateItemSize, validateLevels } from "./request-rules";
import { RequestTokens } from "./request-tokens";
import { withNewerMembers } from "./table-description";
import { TimeToLive } from "./time-to-live";
import { finishTables } from "./unfinished-tables";

/** The tables, in dynalite's store. */
export class Dynamodb {
  readonly timeToLive: TimeToLive;
  readonly tokens: RequestTokens;
  private readonly actions = new Map<string, DynaliteAction>();
  private readonly stopCatching = catchUncaught();

  private constructor(
    readonly host: Host,
    readonly store: Store,
    private readonly onDiskError: (error: unknown) => never,
  ) {
    this.tokens = new RequestTokens(host.clock);
    this.timeToLive = new TimeToLive(host, (name, request) => this.run(name, request));
  }

  /**
   * @param folder - Folder of the LevelDB store; undefined for memory.
   * @param onDiskError - Called when a write fails. It must not return.
   * @throws DiskError when the folder cannot be read or written.
   */
  static async open(host: Host, folder: string | undefined, onDiskError: (error: unknown) => never): Promise<Dynamodb> {
    if (folder !== undefined && !host.storage.isNew && !existsSync(join(folder, "CURRENT"))) {
      throw new DiskError(folder, new MissingData("its file CURRENT is missing")); // LevelDB would start without tables.
    }
    const immediately = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
    const store = db.create({ ...immediately, ...(folder !== undefined && { path: folder }) });
    Object.assign(store.tableDb, { awsAccountId: ACCOUNT_ID, awsRegion: host.region });
    await store.db.open().catch((cause: Error) => {
      throw new DiskError(String(folder), cause.cause ?? cause);
    });
    const dynamodb = new Dynamodb(host, guarded(store), onDiskError);
    for (const table of await finishTables(store)) dynamodb.timeToLive.forget(table);
    return dynamodb;
  }

  /** Waits for writes in progress, and closes the files. */
  async close(): Promise<void> {
    await this.timeToLive.stop();
    await this.store.lifecycleManager.gracefulClose();
    this.stopCatching();
  }

  /** Returns an action of dynalite. */
  action(name: string): DynaliteAction {
    const action = this.actions.get(name) ?? new DynaliteAction(name);
    this.actions.set(name, action);
    return action;
  }

  /**
   * Runs an action of dynalite.
   *
   * @throws AwsError with DynamoDB's error.
   */
  async run(name: string, request: DynamodbRequest): Promise<object> {
    const { ReturnValuesOnConditionCheckFailure: returned, ...parameters } = request;
    const action = this.action(name);
    let oldItem: DynamodbItem | undefined;
    const store = returnsOldItem(returned) ? observed(this.store, (item) => (oldItem = item)) : this.store;
    const work = async () => {
      const input = this.input(action, parameters);
      const output = await action.run(store, input);
      this.stored(input);
      if (name === "DeleteTable") this.timeToLive.forget(String(parameters.TableName));
      return withNewerMembers(output);
    };
    return this.attempt(work, () => (oldItem === undefined ? {} : { Item: oldItem }));
  }

  /** Returns the validated input of an action. */
  input(action: DynaliteAction, request: object): PutInput {
    const input = action.input<PutInput>(request, this.store);
    for (const { item } of itemsPut(input)) {
      validateLevels(item);
      validateItemSize(item);
    }
    validateLevels(input.ExpressionAttributeValues ?? {});
    for (const parsed of [input._condition, input._filter]) if (parsed) validateExpression(parsed.expression);
    return input;
  }

  /** Reports the items that a request has stored. */
  stored(input: PutInput): void {
    const { observer } = this.host;
    for (const { item, table } of itemsPut(input)) observer.stored?.(item, table);
  }

  /**
   * Calls code of dynalite.
   *
   * @param details - Returns more members of the error ConditionalCheckFailedException.
   * @throws AwsError with DynamoDB's error.
   */
  async attempt<Output>(work: () => Promise<Output>, details: () => object = () => ({})): Promise<Output> {
    try {
      return await work();
    } catch (error) {
      throw this.awsError(error as Error, details);
    }
  }

  private awsError(error: Error, details: () => object): Error {
    if (error instanceof AwsError || error instanceof NotSupported || error instanceof InvalidInput) return error;
    // An error with a body is one that DynamoDB would also return.
    const { code, statusCode, body } = error as { code?: string; statusCode?: number; body?: Record<string, string> };
    if (body) {
      const type = String(body.__type).replace(/^.*#/, "");
      const more = type === "ConditionalCheckFailedException" ? details() : {};
      return new AwsError(type, body.message ?? body.Message ?? "", statusCode, more as Record<string, unknown>);
    }
    if (code === "LEVEL_IO_ERROR" || code === "LEVEL_CORRUPTION") this.onDiskError(error);
    return new AwsError("InternalServerError", `The DynamoDB emulator dynalite failed: ${error.message}`, 500);
  }
}

/** A request in DynamoDB's JSON. */
export interface DynamodbRequest {
  readonly TableName?: unknown;
  readonly ReturnValuesOnConditionCheckFailure?: unknown;
}

/** The members of a request that put items, and dynalite's parsed expressions. */
interface PutInput {
  readonly TableName?: string;
  readonly Item?: DynamodbItem;
  readonly ExpressionAttributeValues?: DynamodbItem;
  readonly _condition?: { readonly expression: Expression };
  readonly _filter?: { readonly expression: Expression };
  readonly RequestItems?: Readonly<
    Record<string, readonly { readonly PutRequest?: { readonly Item: DynamodbItem } }[]>
  >;
}

/** Returns the items that PutItem or BatchWriteItem stores; none for other actions. */
function itemsPut({ TableName = "", Item, RequestItems = {} }: PutInput): { item: DynamodbItem; table: string }[] {
  if (Item) return [{ item: Item, table: TableName }];
  return Object.entries(RequestItems).flatMap(([table, requests]) =>
    Array.isArray(requests)
      ? requests.flatMap(({ PutRequest }) => (PutRequest ? [{ item: PutRequest.Item, table }] : []))
      : [],
  );
}

/** Returns a store that reports each item that an action reads, while it holds the item's lock. */
function observed(store: Store, onRead: (item: DynamodbItem | undefined) => void): Store {
  return {
    ...store,
    getItemDb(table): ItemDb {
      const items = store.getItemDb(table);
      return {
        ...items,
        get: (key, callback) =>
          items.get(key, (error, item) => {
            onRead(item);
            callback(error, item);
          }),
      };
    },
  };
}
