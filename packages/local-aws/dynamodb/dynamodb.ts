import { AsyncLocalStorage } from "node:async_hooks";
import { createRequire } from "node:module";
import db, { type Store } from "dynalite/db/index.js";
import validations, { type Validation } from "dynalite/validations/index.js";
import { ACCOUNT_ID } from "../account";
import { DiskError } from "../errors";
import type { Service } from "../gateway/gateway";
import { type JsonInput, jsonService } from "../protocols/json-service";
import { AwsError } from "../protocols/responses";
import { DYNAMODB } from "../supported-actions";
import { validateKnownParameters, validateNesting } from "./request-rules";

/** DynamoDB's request size limit. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const load = createRequire(import.meta.url);

/** An item in DynamoDB JSON, such as `{ id: { S: "a" } }`. */
export type DynamodbItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface DynamodbOptions {
  readonly region: string;
  /** Folder of the LevelDB store. @default - in memory */
  readonly folder?: string | undefined;
  /** Called with each item that PutItem or BatchWriteItem has stored. */
  readonly onStored: (item: DynamodbItem) => void;
  /** Called when a write to the folder fails. It must not return. */
  readonly onDiskError: (error: unknown) => never;
}

/** Implementation of an action in dynalite. */
type DynaliteAction = (store: Store, input: object, done: Done) => void;
type Done = (error: Error | null | undefined, output?: object) => void;

/** A DynamoDB emulator that calls dynalite's actions directly: unexpected input would crash dynalite's own server. */
export class Dynamodb {
  readonly service: Service;
  /** Time-to-live attributes by table name. */
  private readonly timeToLive = new Map<string, string>();

  private constructor(
    private readonly options: DynamodbOptions,
    private readonly store: Store,
  ) {
    const names = Object.keys(DYNAMODB.actions);
    const actions = Object.fromEntries(names.map((name) => [name, this.action(name)]));
    this.service = jsonService({
      service: DYNAMODB,
      maxBodyBytes: MAX_BODY_BYTES,
      invalidInputCode: "com.amazon.coral.service#SerializationException",
      actions,
    });
  }

  /** @throws DiskError when the folder cannot be read or written. */
  static async open(options: DynamodbOptions): Promise<Dynamodb> {
    const { folder, region } = options;
    const store = db.create({ createTableMs: 0, deleteTableMs: 0, ...(folder !== undefined && { path: folder }) });
    Object.assign(store.tableDb, { awsAccountId: ACCOUNT_ID, awsRegion: region });
    await store.db.open().catch((cause: Error) => {
      throw new DiskError(String(folder), cause.cause ?? cause);
    });
    return new Dynamodb(options, store);
  }

  /** Sets the attribute that DescribeTimeToLive returns. dynalite does not support time to live: items never expire. */
  declareTimeToLive(table: string, attribute: string): void {
    this.timeToLive.set(table, attribute);
  }

  /** Waits for writes in progress, and closes the files. */
  async close(): Promise<void> {
    await this.store.lifecycleManager.gracefulClose();
  }

  private action(name: string): (request: JsonInput) => Promise<object> {
    const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
    const { types, custom } = load(`dynalite/validations/${file}`) as Validation;
    const run = load(`dynalite/actions/${file}`) as DynaliteAction;
    return async (request) => {
      try {
        validateNesting(request);
        validateKnownParameters(name, request, types);
        const input = validations.checkTypes(request, types);
        validations.checkValidations(input, types, custom, this.store);
        const items = itemsPut(input);
        const output = await catchUncaught((done) => run(this.store, input, done));
        for (const item of items) this.options.onStored(item);
        return this.withTimeToLive(name, input, output);
      } catch (error) {
        throw this.awsError(error as Error);
      }
    };
  }

  private withTimeToLive(action: string, input: object, output: object): object {
    const { TableName: table = "" } = input as { TableName?: string };
    if (action === "DeleteTable") this.timeToLive.delete(table);
    const AttributeName = action === "DescribeTimeToLive" ? this.timeToLive.get(table) : undefined;
    return AttributeName === undefined
      ? output
      : { TimeToLiveDescription: { AttributeName, TimeToLiveStatus: "ENABLED" } };
  }

  private awsError(error: Error): AwsError {
    if (error instanceof AwsError) return error;
    // An error with a body is one that DynamoDB would also return.
    const { code, statusCode, body } = error as { code?: string; statusCode?: number; body?: Record<string, string> };
    if (body) return new AwsError(body.__type ?? "", body.message ?? body.Message ?? "", statusCode);
    if (code === "LEVEL_IO_ERROR" || code === "LEVEL_CORRUPTION") this.options.onDiskError(error);
    const message = `The local run's DynamoDB emulator (dynalite) failed: ${error.message}`;
    return new AwsError("com.amazonaws.dynamodb.v20120810#InternalServerError", message, 500);
  }
}

/** The function that fails the current request. Errors in dynalite's callbacks and streams call it. */
const rejections = new AsyncLocalStorage<(error: Error) => void>();

process.on("uncaughtException", (error) => {
  const reject = rejections.getStore();
  if (reject) {
    reject(error);
    return;
  }
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});

/** Runs dynalite's code for one request. Any error, even in a later callback, fails only this request. */
function catchUncaught(run: (done: Done) => void): Promise<object> {
  return new Promise((resolve, reject) => {
    rejections.run(reject, () => run((error, output = {}) => (error ? reject(error) : resolve(output))));
  });
}

/** Returns the items that PutItem or BatchWriteItem stores; an empty list for other actions. */
function itemsPut(input: object): DynamodbItem[] {
  const { Item, RequestItems = {} } = input as {
    Item?: DynamodbItem;
    RequestItems?: Record<string, readonly { PutRequest?: { Item: DynamodbItem } }[]>;
  };
  const batch = Object.values(RequestItems).flatMap((requests) => (Array.isArray(requests) ? requests : []));
  return [Item, ...batch.map(({ PutRequest }) => PutRequest?.Item)].filter((item) => item !== undefined);
}
