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

/** Milliseconds that responses in progress may take at the end. */
const LAST_RESPONSES_MS = 500;

export interface LocalAwsProps {
  readonly server: LoopbackServer;
  readonly region: string;
  /** Folder that keeps all data. @default - in memory */
  readonly dataDir?: string | undefined;
  /** Called for each message of SNS and SQS and each object of S3. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called for each message that a subscription could not deliver, not even to its dead-letter queue. */
  readonly onUndelivered: (undelivered: Undelivered) => void;
  /** Called with each item after DynamoDB has stored it. */
  readonly onStored: (item: DynamodbItem) => void;
  /** Called when the folder cannot be written to. It must not return: nothing more may be acknowledged. */
  readonly onDiskError: (error: unknown) => never;
}

/**
 * The emulated AWS services behind one port of 127.0.0.1.
 *
 * @example
 * const server = await listenOnLoopback(4566);
 * const aws = await LocalAws.start({ server, region: "us-east-1", ...callbacks });
 * aws.open();
 */
export class LocalAws {
  /**
   * Credentials of the run's own parts and handlers, whose requests are accepted before
   * `open` and after `close`. They are new for each run, so that no other client has them.
   */
  readonly internalCredentials: Credentials = { ...CREDENTIALS, accessKeyId: `local-internal-${randomUUID()}` };
  /** Lines that the functions log. */
  readonly logs: LogGroups;
  /** Functions that Invoke finds, by name. */
  readonly functions = new Map<string, Invocable>();
  /** Records that wait for delivery to S3. */
  readonly deliveryBuffers: DeliveryBuffers;
  private readonly moveTasks: MessageMoveTasks;
  private readonly gateway: Gateway;

  private constructor(
    private readonly props: LocalAwsProps,
    readonly dynamodb: Dynamodb,
    private readonly stores: Stores,
    private readonly s3: S3Service,
  ) {
    const { region, server, onMessage, onUndelivered } = props;
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
  static async start(props: LocalAwsProps): Promise<LocalAws> {
    const { server, region, dataDir: folder, onMessage, onStored, onDiskError } = props;
    const dynamodb = await Dynamodb.open({ region, folder: folder && join(folder, "dynamodb"), onStored, onDiskError });
    const stores = openStores({ endpoint: server.endpoint, folder, onMessage, onDiskError });
    return new LocalAws(props, dynamodb, stores, await s3Service(stores, region));
  }

  get endpoint(): string {
    return this.props.server.endpoint;
  }

  get region(): string {
    return this.props.region;
  }

  /** Accepts requests of all clients from now on. */
  open(): void {
    this.gateway.state = "open";
  }

  /** Rejects requests of other clients and ends their long polls. The run's own parts can finish current work. */
  close(): void {
    this.gateway.state = "stopping";
    this.stores.sqsStore.shutdown();
  }

  /** Closes the server and the files. */
  async stop(): Promise<void> {
    await this.props.server.stop(LAST_RESPONSES_MS);
    this.moveTasks.stop();
    this.stores.sqsStore.shutdown();
    await Promise.all([this.s3.close(), this.dynamodb.close()]);
    this.stores.persistence?.close();
  }

  /** Returns a queue, for consumers in this process. */
  queue(arn: string): SqsQueue {
    const queue = this.stores.sqsStore.getQueueByArn(arn);
    if (!queue) throw new Error(`There is no queue ${arn} in the local run.`);
    return queue;
  }

  /**
   * Receives at most 10 messages, waits for the first one, and moves messages
   * that exceed their maximum receive count to the dead-letter queue. It reads
   * in process, because an aborted HTTP long poll of fauxqs loses the next message.
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
