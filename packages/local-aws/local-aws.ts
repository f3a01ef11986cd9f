import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type LoopbackServer, listenOnLoopback } from "@event-pipeline/node-process/listen-on-loopback";
import { type Clock, RunningClock } from "./clock";
import { CloudWatch } from "./cloudwatch/cloudwatch";
import { Dynamodb } from "./dynamodb/dynamodb";
import { DiskError } from "./errors";
import { Firehose } from "./firehose/firehose";
import { Callers } from "./gateway/caller";
import { Gateway } from "./gateway/gateway";
import type { Delivery, Host } from "./host";
import { Iam } from "./iam/iam";
import { Kms } from "./kms/kms";
import { Lambda } from "./lambda/lambda";
import { Logs } from "./logs/logs";
import type { Observer } from "./observer";
import { S3 } from "./s3/s3";
import { servicesOf } from "./services";
import { Sns } from "./sns/sns";
import { Sqs } from "./sqs/sqs";
import { FolderStorage, MemoryStorage } from "./storage/storage";

/** Milliseconds that `stop` waits for responses in progress. */
const STOP_GRACE_MS = 500;

export interface LocalAwsOptions {
  /** TCP port on 127.0.0.1; 0 for any free port. @default 0 */
  readonly port?: number;
  /** A server that listens already, instead of a port. */
  readonly server?: LoopbackServer;
  /** @default "us-east-1" */
  readonly region?: string;
  /** Folder in which all data is stored; it needs Node.js 22.13. @default - in memory */
  readonly folder?: string | undefined;
  /** Source of time for everything that waits. @default - the machine's clock */
  readonly clock?: Clock;
  /** Order of delivery. @default - in order and once */
  readonly delivery?: Delivery;
  readonly observer?: Observer;
  /**
   * Called when a write to the folder fails. It must not return, because the caller would acknowledge lost data.
   *
   * @default - prints the error, and ends the process with exit code 1
   */
  readonly onDiskError?: (error: unknown) => never;
}

/**
 * AWS services on one port of 127.0.0.1. Until `open`, and after `close`, they answer only internal callers.
 *
 * @example
 * const aws = await startLocalAws({ port: 4566 });
 * const sqs = new SQSClient({ endpoint: aws.endpoint, region: "us-east-1", credentials: CREDENTIALS });
 * await aws.stop();
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const aws = await LocalAws.start(options);
  aws.open();
  return aws;
}

function exitOnDiskError(folder: string, cause: unknown): never {
  const { message, exitCode } = new DiskError(folder, cause);
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

/** The services, with what is in them. */
export class LocalAws {
  readonly callers = new Callers();
  readonly sqs: Sqs;
  readonly s3: S3;
  readonly firehose: Firehose;
  readonly sns: Sns;
  readonly logs: Logs;
  readonly lambda: Lambda;
  readonly cloudwatch: CloudWatch;
  readonly iam: Iam;
  readonly kms: Kms;
  private readonly gateway: Gateway;

  private constructor(
    private readonly server: LoopbackServer,
    private readonly host: Host,
    readonly dynamodb: Dynamodb,
  ) {
    this.sqs = new Sqs(host);
    this.s3 = new S3(host);
    this.firehose = new Firehose(host, this.s3);
    this.sns = new Sns(host, this.sqs, this.firehose);
    this.cloudwatch = new CloudWatch(host, this.sqs);
    this.logs = new Logs(host, this.cloudwatch);
    this.iam = new Iam(host);
    this.kms = new Kms(host);
    const { sqs, logs, cloudwatch, callers } = this;
    this.lambda = new Lambda(host, { sqs, logs, cloudwatch, callers });
    this.gateway = new Gateway({ ...host, callers, services: servicesOf(this) });
    server.serve((request, response) => void this.gateway.handle(request, response));
  }

  /** @throws DiskError when the folder cannot be read or written, and EADDRINUSE when the port is taken. */
  static async start(options: LocalAwsOptions): Promise<LocalAws> {
    const { port = 0, region = "us-east-1", folder, clock = new RunningClock(), observer = {} } = options;
    const { delivery = { shuffled: false, seed: 0 } } = options;
    const { onDiskError = (cause: unknown) => exitOnDiskError(String(folder), cause) } = options;
    const storage = folder === undefined ? new MemoryStorage() : FolderStorage.open(folder, onDiskError, clock);
    let { server } = options;
    let dynamodb: Dynamodb | undefined;
    try {
      server ??= await listenOnLoopback(port);
      const host: Host = { endpoint: server.endpoint, region, clock, storage, observer, delivery };
      dynamodb = await Dynamodb.open(host, folder && join(folder, "dynamodb"), onDiskError);
      return new LocalAws(server, host, dynamodb);
    } catch (error) {
      await server?.stop();
      await dynamodb?.close();
      storage.close();
      throw error;
    }
  }

  get endpoint(): string {
    return this.host.endpoint;
  }

  get region(): string {
    return this.host.region;
  }

  /** Answers a request that arrived at another server. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.gateway.handle(request, response);
  }

  /** Starts to answer all clients. */
  open(): void {
    this.gateway.state = "open";
  }

  /** Ends all long polls, and rejects all requests except those of internal callers. */
  close(): void {
    this.gateway.stop();
  }

  /**
   * Stops the functions and the deliveries, then the server, and closes the files.
   *
   * @param graceMs - Milliseconds to wait for current work. Unfinished work stays in the folder. @default 0
   */
  async stop(graceMs = 0): Promise<void> {
    this.close();
    const deadline = Date.now() + graceMs;
    await Promise.all([this.lambda.stop(deadline), this.firehose.stop(deadline)]);
    await this.server.stop(STOP_GRACE_MS);
    this.cloudwatch.stop();
    this.sqs.stop();
    await this.dynamodb.close();
    this.host.storage.close();
  }
}
