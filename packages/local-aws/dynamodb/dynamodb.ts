import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import db, { type Store } from "dynalite/db/index.js";
import validations, { type Validation } from "dynalite/validations/index.js";
import { ACCOUNT_ID } from "../account";
import { DiskError } from "../errors";
import { readBody } from "../gateway/read-body";
import type { RequestedAction } from "../gateway/requested-action";
import type { Service } from "../gateway/service";
import { DYNAMODB } from "../supported-actions";
import { catchUncaught } from "./catch-uncaught";
import { RequestError, readRequest, validateKnownParameters } from "./request-rules";

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

/** A rejection by dynalite of a request that DynamoDB would reject too. */
interface DynaliteError extends Error {
  readonly statusCode: number;
  readonly body: object;
}

type ActionCallback = (error: Error | null | undefined, output?: object) => void;

/** One of dynalite's actions with its validation rules. */
interface Operation extends Validation {
  readonly run: (store: Store, input: object, callback: ActionCallback) => void;
}

/** DynamoDB with dynalite's actions, but without its server, in which unexpected input would end the process. */
export class Dynamodb implements Service {
  readonly services = [DYNAMODB];
  private readonly operations = loadOperations();
  /** The time-to-live attribute by table name. */
  private readonly timeToLive = new Map<string, string>();

  private constructor(
    private readonly props: DynamodbProps,
    private readonly store: Store,
  ) {}

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

  handle(request: IncomingMessage, response: ServerResponse, { action }: RequestedAction): void {
    void this.respond(request, response, action);
  }

  /** Sets the output of DescribeTimeToLive for a table. dynalite has no UpdateTimeToLive, and no item expires. */
  declareTimeToLive(table: string, attribute: string): void {
    this.timeToLive.set(table, attribute);
  }

  /** Waits for current writes and closes the files. */
  async close(): Promise<void> {
    await this.store.lifecycleManager.gracefulClose();
  }

  private async respond(request: IncomingMessage, response: ServerResponse, action: string): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) {
      response.writeHead(413, { Connection: "close" }).end();
      return;
    }
    const operation = this.operations.get(action) as Operation;
    catchUncaught(
      (error) => this.sendError(response, error),
      () => this.run(action, operation, body.toString(), response),
    );
  }

  private run(action: string, operation: Operation, body: string, response: ServerResponse): void {
    const request = readRequest(body);
    validateKnownParameters(action, request, operation.types);
    const input = validations.checkTypes(request, operation.types);
    validations.checkValidations(input, operation.types, operation.custom, this.store);
    const items = itemsPut(input);
    operation.run(this.store, input, (error, output) => {
      if (error) {
        this.sendError(response, error);
        return;
      }
      for (const item of items) this.props.onStored(item);
      send(response, 200, this.withTimeToLive(action, input, output ?? {}));
    });
  }

  private withTimeToLive(action: string, input: object, output: object): object {
    const { TableName: table = "" } = input as { TableName?: string };
    if (action === "DeleteTable") this.timeToLive.delete(table);
    const AttributeName = action === "DescribeTimeToLive" ? this.timeToLive.get(table) : undefined;
    return AttributeName === undefined
      ? output
      : { TimeToLiveDescription: { AttributeName, TimeToLiveStatus: "ENABLED" } };
  }

  private sendError(response: ServerResponse, error: Error): void {
    const { statusCode, body } = error as Partial<DynaliteError>;
    if (statusCode !== undefined && body !== undefined) send(response, statusCode, body);
    else if (error instanceof RequestError) {
      const __type = `com.amazon.coral.service#${error.type}`;
      send(response, error.status, { __type, message: error.message });
    } else if (isDiskError(error)) this.props.onDiskError(error);
    else {
      const message = `The local run's DynamoDB emulator (dynalite) failed: ${error.message}`;
      send(response, 500, { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message });
    }
  }
}

/** Returns whether LevelDB reported an error of the disk. */
function isDiskError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "LEVEL_IO_ERROR" || code === "LEVEL_CORRUPTION";
}

function send(response: ServerResponse, status: number, output: object): void {
  if (response.headersSent) return;
  const body = Buffer.from(JSON.stringify(output));
  response.writeHead(status, {
    "Content-Type": "application/x-amz-json-1.0",
    "Content-Length": body.length,
    "x-amzn-RequestId": randomUUID(),
    "x-amz-crc32": crc32(body),
  });
  response.end(body);
}

function loadOperations(): ReadonlyMap<string, Operation> {
  return new Map(
    Object.keys(DYNAMODB.actions).map((name) => {
      const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.js`;
      const validation = load(`dynalite/validations/${file}`) as Validation;
      return [name, { ...validation, run: load(`dynalite/actions/${file}`) as Operation["run"] }];
    }),
  );
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
