import { eventProcessorNames, NAME_RULES, pipelineNames } from "@event-pipeline/event-model/resource-names";
import { FAILED_REQUEST, type FailedRequest, isInaccessible } from "./aws-errors";
import { UsageError } from "./errors";
import type { SqsQueue } from "./sqs/queue-counts";

export interface PipelineOptions {
  /** The prefix of every resource's name. */
  readonly name: string;
  /** @default - AWS_REGION, or the profile's region */
  readonly region?: string | undefined;
  /** @default - AWS_PROFILE, or `default` */
  readonly profile?: string | undefined;
  /** @default - AWS_ENDPOINT_URL, or the endpoints of AWS */
  readonly endpoint?: string | undefined;
  /** @default - the SDK's chain of credential providers */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** The archive's bucket. @default - the delivery stream's bucket, or `{name}-events-raw` */
  readonly rawBucket?: string | undefined;
}

/** Timeouts in milliseconds. A long poll of SQS takes 20 s. */
const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 40_000;

/**
 * The SDK copies each request and response for `logger.info`, which takes a
 * tenth of the time of a reconcile. Credential providers call the other methods.
 */
const NO_LOGGER: object = { logger: { debug: () => undefined, warn: () => undefined } };

interface AwsClient {
  destroy(): void;
  readonly config: { region(): Promise<string> };
  // Each client has its own types of middleware.
  // biome-ignore lint/suspicious/noExplicitAny: the middleware below reads only the input.
  readonly middlewareStack: { add(middleware: any, options: object): void };
}

/**
 * A deployed pipeline, or that of the local run: the names of its resources, and
 * the clients to reach them with.
 *
 * @example
 * const pipeline = new Pipeline({ name: "alice", region: "eu-west-1" });
 * const status = await pipelineStatus(pipeline, { maxDeadLetters: 100, signal });
 * pipeline.destroy();
 */
export class Pipeline {
  readonly name: string;
  readonly names: ReturnType<typeof pipelineNames>;
  /** The names of the consumer that stores events. */
  readonly processor: ReturnType<typeof eventProcessorNames>;
  private readonly clients = new Map<unknown, AwsClient>();
  private readonly found = new Map<string, Promise<string>>();

  /** @throws UsageError when the name is invalid. */
  constructor(readonly options: PipelineOptions) {
    const { name } = options;
    if (![NAME_RULES.pattern, NAME_RULES.lengthPattern].every((pattern) => new RegExp(pattern).test(name))) {
      throw new UsageError(`Invalid name ${JSON.stringify(name)}. ${NAME_RULES.message}`);
    }
    this.name = name;
    this.names = pipelineNames(name);
    this.processor = eventProcessorNames(name);
  }

  /** The pipeline's name and place, for messages. */
  get description(): string {
    const { endpoint, region, profile } = this.options;
    const where = [endpoint && `at ${endpoint}`, region && `in ${region}`, profile && `with the profile ${profile}`];
    return ["the pipeline", this.name, ...where.filter(Boolean)].join(" ");
  }

  /** Returns the client of a class, such as `pipeline.client(SNSClient)`; created at its first use. */
  client<C extends AwsClient>(ClientClass: new (config: ReturnType<typeof clientConfig>) => C): C {
    const kept = this.clients.get(ClientClass);
    if (kept) return kept as C;
    const client = new ClientClass(clientConfig(this.options));
    client.middlewareStack.add(addFailedRequest, { step: "initialize", priority: "high", name: "failedRequest" });
    this.clients.set(ClientClass, client);
    return client;
  }

  /** Returns the ARN of the topic that events are published to. */
  topicArn(): Promise<string> {
    return this.once("topic", async () => {
      const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
      const sts = this.client(STSClient);
      const { Account, Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
      const partition = Arn.split(":")[1] || "aws";
      return `arn:${partition}:sns:${await sts.config.region()}:${Account}:${this.names.topic}`;
    });
  }

  /** Finds a queue in this account. */
  async queue(queueName: string): Promise<SqsQueue> {
    const { SQSClient, GetQueueUrlCommand } = await import("@aws-sdk/client-sqs");
    const sqs = this.client(SQSClient);
    const queueUrl = await this.once(`queue ${queueName}`, async () => {
      return String((await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }))).QueueUrl);
    });
    return { sqs, queueUrl };
  }

  /** Returns the archive's bucket. */
  rawBucket(): Promise<string> {
    const { rawBucket } = this.options;
    return this.once("bucket", async () => rawBucket ?? (await this.bucketOfStream()) ?? this.names.rawBucket);
  }

  /** Closes the connections. */
  destroy(): void {
    for (const client of this.clients.values()) client.destroy();
    this.clients.clear();
  }

  private async bucketOfStream(): Promise<string | undefined> {
    const { FirehoseClient, DescribeDeliveryStreamCommand } = await import("@aws-sdk/client-firehose");
    const command = new DescribeDeliveryStreamCommand({ DeliveryStreamName: this.names.rawStream });
    try {
      const { DeliveryStreamDescription: stream } = await this.client(FirehoseClient).send(command);
      const [destination] = stream?.Destinations ?? [];
      // arn:aws:s3:::bucket
      return destination?.ExtendedS3DestinationDescription?.BucketARN?.split(":").at(-1);
    } catch (error) {
      // The default name is almost always right, and a request to a wrong bucket fails by itself.
      if (isInaccessible(error)) return undefined;
      throw error;
    }
  }

  /** Caches a result; a failure is tried again at the next call. */
  private once(key: string, find: () => Promise<string>): Promise<string> {
    const known = this.found.get(key);
    if (known) return known;
    const finding = find();
    this.found.set(key, finding);
    finding.catch(() => this.found.delete(key));
    return finding;
  }
}

/** Returns the configuration of every client. */
function clientConfig({ region, profile, endpoint, credentials }: PipelineOptions) {
  return {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    // A bucket's name cannot be a host name under 127.0.0.1.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    ...NO_LOGGER,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
}

/** Members of requests that name the resource, in each service's words. */
const RESOURCE_MEMBERS = [
  "QueueUrl",
  "QueueName",
  "TopicArn",
  "TableName",
  "Bucket",
  "logGroupName",
  "DeliveryStreamName",
  "FunctionName",
];

type Next = (args: { input: unknown }) => Promise<unknown>;

/** Adds the request to an error of AWS, which does not name it. */
function addFailedRequest(
  next: Next,
  { clientName, commandName }: { clientName?: string; commandName?: string },
): Next {
  return async (args) => {
    try {
      return await next(args);
    } catch (error) {
      const members = Object(args.input) as Record<string, unknown>;
      // BatchGetItem and BatchWriteItem have the table's name as a key.
      const [table] = Object.keys(Object(members.RequestItems));
      const resource =
        RESOURCE_MEMBERS.map((name) => members[name]).find((value) => typeof value === "string") ?? table;
      const request: FailedRequest = {
        what: `${clientName?.replace(/Client$/, "")} ${commandName?.replace(/Command$/, "")}`,
        about: resource === undefined ? "" : ` for ${resource}`,
      };
      if (typeof error === "object" && error !== null) Object.assign(error, { [FAILED_REQUEST]: request });
      throw error;
    }
  };
}
