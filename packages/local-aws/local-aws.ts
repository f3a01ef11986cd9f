import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { LoopbackServer } from "@event-pipeline/node-process/listen-on-loopback";
import { CREDENTIALS, type Credentials } from "./account";
import { Dynamodb, type DynamodbItem } from "./dynamodb/dynamodb";
import { getCallerIdentity } from "./fauxqs/parts";
import { openStores, type SeenMessage, type SqsQueue, type Stores } from "./fauxqs/stores";
import { DeliveryBuffers } from "./firehose/delivery-buffers";
import { firehoseService } from "./firehose/firehose-service";
import { Gateway, type Service } from "./gateway/gateway";
import { type Invocable, lambdaService } from "./lambda/lambda-service";
import { LogGroups } from "./logs/log-groups";
import { logsService } from "./logs/logs-service";
import { sendXml } from "./protocols/responses";
import { type S3Service, s3Service } from "./s3/s3-service";
import { snsService } from "./sns/sns-service";
import type { Undelivered } from "./sns/subscription-delivery";
import { MessageMoveTasks } from "./sqs/message-move-tasks";
import { sqsService } from "./sqs/sqs-service";
import { STS } from "./supported-actions";

const stsService: Service = {
  services: [STS],
  handle: (_request, response) => sendXml(response, getCallerIdentity()),
};

/** Milliseconds that `stop` waits for responses in progress. */
const STOP_GRACE_MS = 500;

export interface LocalAwsOptions {
  readonly server: LoopbackServer;
  readonly region: string;
  /** Folder in which all data is stored. @default - in memory */
  readonly dataDir?: string | undefined;
  /** Called for each event of an SNS message, an SQS message or an S3 object. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called for each message that neither a subscription's endpoint nor its dead-letter queue accepted. */
  readonly onUndelivered: (undelivered: Undelivered) => void;
  /** Called with each item that PutItem or BatchWriteItem has stored. */
  readonly onStored: (item: DynamodbItem) => void;
  /** Called when a write to the folder fails. It must not return, because the caller would acknowledge lost data. */
  readonly onDiskError: (error: unknown) => never;
}

/**
 * The emulated AWS services, on one port of 127.0.0.1.
 *
 * @example
 * const server = await listenOnLoopback(4566);
 * const aws = await LocalAws.start({ server, region: "us-east-1", ...callbacks });
 * aws.open();
 */
export class LocalAws {
  /**
   * Credentials for the local run itself and its Lambda handlers. Requests with them are accepted
   * even before `open` and after `close`. Each run has a new access key, which other clients cannot know.
   */
  readonly internalCredentials: Credentials = { ...CREDENTIALS, accessKeyId: `local-internal-${randomUUID()}` };
  /** The functions' log lines. */
  readonly logs: LogGroups;
  /** Functions that clients can invoke, by name. */
  readonly functions = new Map<string, Invocable>();
  /** Firehose records that are waiting for delivery to S3. */
  readonly deliveryBuffers: DeliveryBuffers;
  private readonly moveTasks: MessageMoveTasks;
  private readonly gateway: Gateway;

  private constructor(
    private readonly options: LocalAwsOptions,
    readonly dynamodb: Dynamodb,
    private readonly stores: Stores,
    private readonly s3: S3Service,
  ) {
    const { region, server, onMessage, onUndelivered } = options;
    const { snsStore: sns, sqsStore: sqs, persistence } = stores;
    this.logs = new LogGroups(region);
    this.deliveryBuffers = new DeliveryBuffers(persistence);
    this.moveTasks = new MessageMoveTasks(sqs);
    const services = [
      dynamodb.service,
      logsService(this.logs),
      firehoseService(this.deliveryBuffers),
      lambdaService(this.functions, region),
      s3,
      snsService({ sns, sqs, deliveryBuffers: this.deliveryBuffers, onFiltered: onMessage, onUndelivered }),
      sqsService(sqs, this.moveTasks),
      stsService,
    ];
    this.gateway = new Gateway(services, region, this.internalCredentials.accessKeyId);
    server.serve((request, response) => void this.gateway.handle(request, response));
  }

  /** @throws DiskError when the folder cannot be read or written. */
  static async start(options: LocalAwsOptions): Promise<LocalAws> {
    const { server, region, dataDir: folder, onMessage, onStored, onDiskError } = options;
    const dynamodb = await Dynamodb.open({ region, folder: folder && join(folder, "dynamodb"), onStored, onDiskError });
    const stores = openStores({ endpoint: server.endpoint, folder, onMessage, onDiskError });
    return new LocalAws(options, dynamodb, stores, await s3Service(stores, region));
  }

  get endpoint(): string {
    return this.options.server.endpoint;
  }

  get region(): string {
    return this.options.region;
  }

  /** Starts to accept requests from all clients. */
  open(): void {
    this.gateway.state = "open";
  }

  /** Ends all long polls, and rejects all requests except those with the internal credentials. */
  close(): void {
    this.gateway.state = "stopping";
    this.stores.sqsStore.shutdown();
  }

  /** Stops the server and closes the files. */
  async stop(): Promise<void> {
    await this.options.server.stop(STOP_GRACE_MS);
    this.moveTasks.stop();
    this.stores.sqsStore.shutdown();
    await Promise.all([this.s3.close(), this.dynamodb.close()]);
    this.stores.persistence?.close();
  }

  /** Returns the queue with this ARN. */
  queue(arn: string): SqsQueue {
    const queue = this.stores.sqsStore.getQueueByArn(arn);
    if (!queue) throw new Error(`Queue not found in the local run: ${arn}`);
    return queue;
  }

  /**
   * Receives up to 10 messages, and waits up to `waitSeconds` for the first one. Messages that exceed the
   * maximum receive count move to the dead-letter queue. It does not use HTTP,
   * because fauxqs loses the next message when an HTTP long poll is aborted.
   */
  async receive(queue: SqsQueue, maxMessages: number, waitSeconds: number) {
    const take = () =>
      queue.dequeue(Math.min(maxMessages, 10), undefined, (arn) => this.stores.sqsStore.getQueueByArn(arn));
    const messages = take();
    if (messages.length > 0 || waitSeconds === 0) return messages;
    await queue.waitForMessages(waitSeconds);
    return take();
  }
}
