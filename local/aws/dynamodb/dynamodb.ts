import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import db, { type Store } from "dynalite/db/index.js";
import validations from "dynalite/validations/index.js";
import { DiskError } from "../../errors";
import { ACCOUNT_ID } from "../account";
import { underNet } from "../last-net";
import { readBody } from "../read-body";
import type { Service } from "../service";
import { loadOperations, type Operation } from "./operations";
import { RequestError, readRequest } from "./request-rules";
import { itemsPut, type WireItem } from "./wire-item";

/** DynamoDB's own limit for a request. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const TARGET = /^DynamoDB_20120810\.(\w+)$/;

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
  private readonly operations = loadOperations();

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

  accepts({ headers }: IncomingMessage): boolean {
    return String(headers["x-amz-target"]).startsWith("DynamoDB");
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    void this.answer(request, response);
  }

  /** Waits for what is being written, then closes the files. */
  async close(): Promise<void> {
    await this.store.lifecycleManager.gracefulClose();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) {
      response.writeHead(413, { Connection: "close" }).end();
      return;
    }
    const target = String(request.headers["x-amz-target"]);
    const operation = this.operations.get(TARGET.exec(target)?.[1] ?? "");
    if (!operation) {
      send(response, 400, {
        __type: "com.amazon.coral.service#UnknownOperationException",
        message: `The local run's DynamoDB has no ${target}.`,
      });
      return;
    }
    underNet(
      (error) => this.refuse(response, error),
      () => this.run(operation, body.toString(), response),
    );
  }

  private run(operation: Operation, body: string, response: ServerResponse): void {
    const input = validations.checkTypes(readRequest(body), operation.types);
    validations.checkValidations(input, operation.types, operation.custom, this.store);
    const items = itemsPut(input);
    operation.run(this.store, input, (error, answer) => {
      if (error) {
        this.refuse(response, error);
        return;
      }
      for (const item of items) this.props.onStored(item);
      send(response, 200, answer ?? {});
    });
  }

  private refuse(response: ServerResponse, error: Error): void {
    const { statusCode, body } = error as Partial<Refusal>;
    if (statusCode !== undefined && body !== undefined) send(response, statusCode, body);
    else if (error instanceof RequestError) {
      const __type = `com.amazon.coral.service#${error.type}`;
      send(response, 400, { __type, message: error.message });
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
