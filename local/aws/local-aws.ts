import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ACCOUNT_ID, NO_SDK_VERSION_WARNING } from "./account";
import { buildDynamodb, type WireItem } from "./dynamodb";
import { buildFauxqs, type SpyMessage, type SqsQueue } from "./fauxqs";

export interface LocalAwsProps {
  /** TCP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  readonly region: string;
  /** Folder that everything is kept in; in memory when absent. */
  readonly dataDir?: string | undefined;
  /** Called for each message of SNS and SQS and each object of S3, as it happens. */
  readonly onMessage: (message: SpyMessage) => void;
  /** Called for each item, once DynamoDB has it. */
  readonly onStored: (item: WireItem) => void;
}

/** SNS, SQS, S3, STS and DynamoDB behind one port of 127.0.0.1. */
export class LocalAws {
  private constructor(
    readonly endpoint: string,
    readonly region: string,
    private readonly findQueue: (arn: string) => SqsQueue | undefined,
    /** Answers no more requests, ends long polls, closes the files. */
    readonly stop: () => Promise<void>,
  ) {}

  static async start(props: LocalAwsProps): Promise<LocalAws> {
    // dynalite takes region and account for its ARNs from the environment.
    Object.assign(process.env, { AWS_REGION: props.region, AWS_ACCOUNT_ID: ACCOUNT_ID, ...NO_SDK_VERSION_WARNING });
    const { dataDir } = props;
    const fauxqs = buildFauxqs(props.region, props.onMessage, dataDir);
    const dynamodb = buildDynamodb(props.onStored, dataDir && join(dataDir, "dynamodb"));
    await fauxqs.app.ready();

    // dynalite's own server is the one that listens: it closes its store only then.
    const { server } = dynamodb;
    server.on("request", (request, response) => {
      const isDynamodb = String(request.headers["x-amz-target"]).startsWith("DynamoDB_");
      if (isDynamodb) dynamodb.listener(request, response as never);
      else fauxqs.app.routing(request, response);
    });
    // A SDK keeps connections for reuse; one closed under it fails its next request.
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(props.port, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    fauxqs.placeQueuesAt(endpoint);

    return new LocalAws(
      endpoint,
      props.region,
      (arn) => fauxqs.sqs.getQueueByArn(arn),
      async () => {
        await fauxqs.close();
        await new Promise<void>((resolve, reject) => {
          server.close((error) => (error ? reject(error) : resolve()));
          server.closeAllConnections();
        });
      },
    );
  }

  /** The queue itself, for hosts that consume it in this process. */
  queue(arn: string): SqsQueue {
    const queue = this.findQueue(arn);
    if (!queue) throw new Error(`There is no queue ${arn} in the local run.`);
    return queue;
  }

  /**
   * Receives at most 10 messages, waiting for the first, and moves what has
   * used up its receives to its dead-letter queue. In the process rather than
   * over HTTP: an aborted long poll of fauxqs swallows the next message.
   */
  async receive(queue: SqsQueue, maxMessages: number, waitSeconds: number) {
    const take = () => queue.dequeue(Math.min(maxMessages, 10), undefined, this.findQueue);
    const messages = take();
    if (messages.length > 0 || waitSeconds === 0) return messages;
    await queue.waitForMessages(waitSeconds);
    return take();
  }
}
