import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import db, { type Store } from "dynalite/db/index.js";
import validations from "dynalite/validations/index.js";
import { ACCOUNT_ID } from "../account";
import { DiskError } from "../errors";
import { underNet } from "../last-net";
import { readBody } from "../read-body";
import type { AskedAction } from "../served/asked-action";
import { DYNAMODB } from "../served/dynamodb";
import type { Service } from "../service";
import { loadOperations, type Operation } from "./operations";
import { holdToKnown, RequestError, readRequest } from "./request-rules";
import { itemsPut, type WireItem } from "./wire-item";

/** DynamoDB's own limit for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface DynamodbProps {
  readonly region: string;
  /** Folder of the LevelDB store; in memory when absent. */
  readonly folder?: string | undefined;
  /** Called for each item, once it is stored. */
  readonly onStored: (item: WireItem) => void;
  /** Called when the folder takes no more; it does not come back. */
  readonly onDiskError: (error: unknown) => never;
}

/** What dynalite says of a request that DynamoDB would refuse too. */
interface Refusal extends Error {
  readonly statusCode: number;
  readonly body: object;
}

/**
 * DynamoDB by dynalite's actions, behind a server of our own: dynalite's throws
 * in the middle of the process at input that it does not expect.
 */
export class Dynamodb implements Service {
  readonly serves = [DYNAMODB];
  private readonly operations = loadOperations();
  /** The attribute by which a table's items expire, by the table's name. */
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

  handle(request: IncomingMessage, response: ServerResponse, { action }: AskedAction): void {
    void this.answer(request, response, action);
  }

  /**
   * What DescribeTimeToLive says of a table from here on. That is all: dynalite
   * has no UpdateTimeToLive, and nothing expires here.
   */
  declareTimeToLive(table: string, attribute: string): void {
    this.timeToLive.set(table, attribute);
  }

  /** Waits for what is being written, then closes the files. */
  async close(): Promise<void> {
    await this.store.lifecycleManager.gracefulClose();
  }

  private async answer(request: IncomingMessage, response: ServerResponse, action: string): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) {
      response.writeHead(413, { Connection: "close" }).end();
      return;
    }
    const operation = this.operations.get(action) as Operation;
    underNet(
      (error) => this.refuse(response, error),
      () => this.run(action, operation, body.toString(), response),
    );
  }

  private run(action: string, operation: Operation, body: string, response: ServerResponse): void {
    const request = readRequest(body);
    holdToKnown(action, request, operation.types);
    const input = validations.checkTypes(request, operation.types);
    validations.checkValidations(input, operation.types, operation.custom, this.store);
    const items = itemsPut(input);
    operation.run(this.store, input, (error, answer) => {
      if (error) {
        this.refuse(response, error);
        return;
      }
      for (const item of items) this.props.onStored(item);
      send(response, 200, this.withTimeToLive(action, input, answer ?? {}));
    });
  }

  private withTimeToLive(action: string, input: object, answer: object): object {
    const { TableName: table = "" } = input as { TableName?: string };
    if (action === "DeleteTable") this.timeToLive.delete(table);
    const AttributeName = action === "DescribeTimeToLive" ? this.timeToLive.get(table) : undefined;
    return AttributeName === undefined
      ? answer
      : { TimeToLiveDescription: { AttributeName, TimeToLiveStatus: "ENABLED" } };
  }

  private refuse(response: ServerResponse, error: Error): void {
    const { statusCode, body } = error as Partial<Refusal>;
    if (statusCode !== undefined && body !== undefined) send(response, statusCode, body);
    else if (error instanceof RequestError) {
      const __type = `com.amazon.coral.service#${error.type}`;
      send(response, error.status, { __type, message: error.message });
    } else if (isDiskError(error)) this.props.onDiskError(error);
    else {
      const message = `The local run's DynamoDB (dynalite) failed at this request: ${error.message}`;
      send(response, 500, { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message });
    }
  }
}

/** LevelDB's own errors, such as LEVEL_IO_ERROR; the rest are dynalite's mistakes. */
function isDiskError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "LEVEL_IO_ERROR" || code === "LEVEL_CORRUPTION";
}

function send(response: ServerResponse, status: number, answer: object): void {
  if (response.headersSent) return;
  const body = Buffer.from(JSON.stringify(answer));
  response.writeHead(status, {
    "Content-Type": "application/x-amz-json-1.0",
    "Content-Length": body.length,
    "x-amzn-RequestId": randomUUID(),
    "x-amz-crc32": crc32(body),
  });
  response.end(body);
}
