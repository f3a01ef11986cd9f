import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ACCOUNT_ID, type Credentials, insiderCredentials } from "./account";
import { Dynamodb } from "./dynamodb/dynamodb";
import type { WireItem } from "./dynamodb/wire-item";
import { openFauxqs, type SeenMessage, type SqsQueue } from "./fauxqs/fauxqs";
import { firehoseService } from "./firehose/firehose-service";
import type { Intakes } from "./firehose/intakes";
import { FrontDoor } from "./front-door";
import { Functions } from "./lambda/functions";
import { LambdaService } from "./lambda/lambda-service";
import { LogGroups } from "./logs/log-group";
import { logsService } from "./logs/logs-service";
import type { Undelivered } from "./sns/subscription-delivery";

export interface LocalAwsProps {
  /** TCP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  readonly region: string;
  /** Folder that everything is kept in; in memory when absent. */
  readonly dataDir?: string | undefined;
  /** Called for each message of SNS and SQS and each object of S3, as it happens. */
  readonly onMessage: (message: SeenMessage) => void;
  /** Called for each message that a subscription could deliver nowhere. */
  readonly onUndelivered: (undelivered: Undelivered) => void;
  /** Called for each item, once DynamoDB has it. */
  readonly onStored: (item: WireItem) => void;
  /** Called when the folder takes no more: nothing that is not on disk may be acknowledged from then on. */
  readonly onDiskError: (error: unknown) => never;
}

/** SNS, SQS, S3, STS, DynamoDB and CloudWatch Logs behind one port of 127.0.0.1. */
export class LocalAws {
  private constructor(
    readonly endpoint: string,
    readonly region: string,
    /** Of the run's own parts, which are answered before `open` and after `close` too. */
    readonly insiders: Credentials,
    /** What the functions write. */
    readonly logs: LogGroups,
    /** What Invoke finds. */
    readonly functions: Functions,
    /** Where the records of delivery streams wait. */
    readonly intakes: Intakes,
    private readonly door: FrontDoor,
    private readonly sqs: { getQueueByArn(arn: string): SqsQueue | undefined; shutdown(): void },
    private readonly dynamodb: Dynamodb,
    private readonly closeStores: () => Promise<void>,
  ) {}

  /** @throws DiskError when the folder cannot be read or written, EADDRINUSE when the port is taken. */
  static async start(props: LocalAwsProps): Promise<LocalAws> {
    const { region, dataDir: folder, onMessage, onUndelivered, onStored, onDiskError } = props;
    const dynamodb = await Dynamodb.open({
      region,
      folder: folder && join(folder, "dynamodb"),
      onStored,
      onDiskError,
    });
    const fauxqs = await openFauxqs({ region, folder, onMessage, onUndelivered, onDiskError });
    const closeStores = async () => {
      await Promise.all([fauxqs.close(), dynamodb.close()]);
    };
    const logs = new LogGroups(region, ACCOUNT_ID);
    const insiders = insiderCredentials();
    const functions = new Functions();
    const services = [
      dynamodb,
      logsService(logs),
      firehoseService(fauxqs.intakes),
      new LambdaService(functions, region),
      fauxqs,
    ];
    const door = new FrontDoor({ services, region, insiderKey: insiders.accessKeyId });
    try {
      await new Promise<void>((resolve, reject) => {
        door.server.once("error", reject);
        door.server.listen(props.port, "127.0.0.1", resolve);
      });
    } catch (error) {
      await closeStores();
      throw error;
    }
    const endpoint = `http://127.0.0.1:${(door.server.address() as AddressInfo).port}`;
    fauxqs.placeQueuesAt(endpoint);
    return new LocalAws(
      endpoint,
      region,
      insiders,
      logs,
      functions,
      fauxqs.intakes,
      door,
      fauxqs.sqs,
      dynamodb,
      closeStores,
    );
  }

  /** Answers everybody from here on. */
  open(): void {
    this.door.open();
  }

  /** Takes no more from others, and ends their long polls; the run's own parts finish what was taken. */
  close(): void {
    this.door.close();
    this.sqs.shutdown();
  }

  /** Answers no more requests and closes the files. */
  async stop(): Promise<void> {
    await this.door.stop();
    await this.closeStores();
  }

  /** What DescribeTimeToLive says of a table; nothing expires here. */
  declareTimeToLive(table: string, attribute: string): void {
    this.dynamodb.declareTimeToLive(table, attribute);
  }

  /** The queue itself, for hosts that consume it in this process. */
  queue(arn: string): SqsQueue {
    const queue = this.sqs.getQueueByArn(arn);
    if (!queue) throw new Error(`There is no queue ${arn} in the local run.`);
    return queue;
  }

  /**
   * Receives at most 10 messages, waiting for the first, and moves what has
   * used up its receives to its dead-letter queue. In the process rather than
   * over HTTP: an aborted long poll of fauxqs swallows the next message.
   */
  async receive(queue: SqsQueue, maxMessages: number, waitSeconds: number) {
    const take = () => queue.dequeue(Math.min(maxMessages, 10), undefined, (arn) => this.sqs.getQueueByArn(arn));
    const messages = take();
    if (messages.length > 0 || waitSeconds === 0) return messages;
    await queue.waitForMessages(waitSeconds);
    return take();
  }
}
