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
import { validateKnownParameters, validateShape } from "./request-rules";

/** DynamoDB's limit for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const load = createRequire(import.meta.url);

/** An item in DynamoDB's JSON: attribute name → `{ S: "…" }` and so on. */
export type DynamodbItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface DynamodbProps {
  readonly region: string;
  /** Folder of the LevelDB store. @default - in memory */
  readonly folder?: string | undefined;
  /** Called with each item after it is stored. */
  readonly onStored: (item: DynamodbItem) => void;
  /** Called when the folder cannot be written to. It must not return. */
  readonly onDiskError: (error: unknown) => never;
}

/** One of dynalite's actions. */
type Run = (store: Store, input: object, done: Done) => void;
type Done = (error: Error | null | undefined, output?: object) => void;

/** DynamoDB with dynalite's actions, but without its server, in which unexpected input would end the process. */
export class Dynamodb {
  readonly service: Service;
  /** The time-to-live attribute by table name. */
  private readonly timeToLive = new Map<string, string>();

  private constructor(
    private readonly props: DynamodbProps,
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
  static async open(props: DynamodbProps): Promise<Dynamodb> {
    const { folder, region } = props;
    const store = db.create({ createTableMs: 0, deleteTableMs: 0, ...(folder !== undefined && { path: folder }) });
    Object.assign(store.tableDb, { awsAccountId: ACCOUNT_ID, awsRegion: region });
    await store.db.open().catch((cause: Error) => {
      throw new DiskError(String(folder), cause.cause ?? cause);
    });
    return new Dynamodb(props, store);
  }

  /** Sets the output of DescribeTimeToLive for a table. dynalite has no UpdateTimeToLive, and no item expires. */
  declareTimeToLive(table: string, attribute: string): void {
    this.timeToLive.set(table, attribute);
  }

  /** Waits for current writes and closes the files. */
  async close(): Promise<void> {
    await this.store.lifecycleManager.gracefulClose();
  }

  private action(name: string): (request: JsonInput) => Promise<object> {
    const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
    const { types, custom } = load(`dynalite/validations/${file}`) as Validation;
    const run = load(`dynalite/actions/${file}`) as Run;
    return async (request) => {
      try {
        validateShape(request);
        validateKnownParameters(name, request, types);
        const input = validations.checkTypes(request, types);
        validations.checkValidations(input, types, custom, this.store);
        const items = itemsPut(input);
        const output = await catchUncaught((done) => run(this.store, input, done));
        for (const item of items) this.props.onStored(item);
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
    // dynalite's rejection of a request that DynamoDB would reject too.
    const { code, statusCode, body } = error as { code?: string; statusCode?: number; body?: Record<string, string> };
    if (body) return new AwsError(body.__type ?? "", body.message ?? body.Message ?? "", statusCode);
    if (code === "LEVEL_IO_ERROR" || code === "LEVEL_CORRUPTION") this.props.onDiskError(error);
    const message = `The local run's DynamoDB emulator (dynalite) failed: ${error.message}`;
    return new AwsError("com.amazonaws.dynamodb.v20120810#InternalServerError", message, 500);
  }
}

/** The function that rejects the current request, for errors in callbacks and streams. */
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

/** Runs dynalite's code for one request. An error that it throws, at once or later, fails only that request. */
function catchUncaught(run: (done: Done) => void): Promise<object> {
  return new Promise((resolve, reject) => {
    rejections.run(reject, () => run((error, output = {}) => (error ? reject(error) : resolve(output))));
  });
}

/** Returns the items that PutItem or BatchWriteItem puts; none for any other input. */
function itemsPut(input: object): DynamodbItem[] {
  const { Item, RequestItems = {} } = input as {
    Item?: DynamodbItem;
    RequestItems?: Record<string, readonly { PutRequest?: { Item: DynamodbItem } }[]>;
  };
  const batch = Object.values(RequestItems).flatMap((requests) => (Array.isArray(requests) ? requests : []));
  return [Item, ...batch.map(({ PutRequest }) => PutRequest?.Item)].filter((item) => item !== undefined);
}
