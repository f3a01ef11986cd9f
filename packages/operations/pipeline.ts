import { eventProcessorNames, NAME_RULES, pipelineNames } from "@event-pipeline/event-model/resource-names";
import { FAILED_REQUEST, type FailedRequest, isDenied, isMissing, isUnsupported, resourceOf } from "./aws-errors";
import { UsageError } from "./errors";

export interface PipelineProps {
  /** The `{name}` that every resource's name starts with. */
  readonly name: string;
  /** @default - the SDK's: AWS_REGION, or the profile's. */
  readonly region?: string | undefined;
  /** @default - the SDK's: AWS_PROFILE, or `default`. */
  readonly profile?: string | undefined;
  /** @default - the SDK's: AWS_ENDPOINT_URL, or AWS's own. */
  readonly endpoint?: string | undefined;
  /** @default - the SDK's chain of credential providers. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Name of the bucket of raw events. @default - what the delivery stream says, or `{name}-events-raw`. */
  readonly rawBucket?: string | undefined;
}

/** Milliseconds to wait for a connection, and for an answer on it; a long poll of SQS takes 20 s. */
const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 40_000;

/**
 * The SDK's own writes nothing, but is told by `info` a copy of each request
 * and answer: a tenth of the work of a reconcile. The SDK can do without that
 * one; sources of credentials call the others.
 */
const NO_LOGGER: object = { logger: { debug: () => undefined, warn: () => undefined } };

/** What every client of the SDK takes. */
interface ClientConfig {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly forcePathStyle?: boolean;
  readonly requestHandler?: object;
}

interface Client {
  destroy(): void;
  readonly config: { region(): Promise<string> };
  // Each client has middleware of its own types.
  // biome-ignore lint/suspicious/noExplicitAny: what is added below looks at no more than the input.
  readonly middlewareStack: { add(middleware: any, options: object): void };
}

/** A deployed pipeline, or one of the local run: where its resources are, and the clients to reach them with. */
export class Pipeline {
  readonly name: string;
  readonly names: ReturnType<typeof pipelineNames>;
  /** Of the consumer that stores events. */
  readonly processor: ReturnType<typeof eventProcessorNames>;
  private readonly clients = new Map<unknown, Client>();
  private readonly found = new Map<string, Promise<string>>();

  /** @throws UsageError when the name cannot be one. */
  constructor(private readonly props: PipelineProps) {
    const { name } = props;
    if (![NAME_RULES.pattern, NAME_RULES.lengthPattern].every((pattern) => new RegExp(pattern).test(name))) {
      throw new UsageError(`The name is ${JSON.stringify(name)}. ${NAME_RULES.message}`);
    }
    this.name = name;
    this.names = pipelineNames(name);
    this.processor = eventProcessorNames(name);
  }

  /** For messages: which pipeline, and where. */
  get description(): string {
    const { endpoint, region, profile } = this.props;
    const where = [endpoint && `at ${endpoint}`, region && `in ${region}`, profile && `of the profile ${profile}`];
    return ["the pipeline", this.name, ...where.filter(Boolean)].join(" ");
  }

  /** The endpoint that was given; undefined for AWS's own, or AWS_ENDPOINT_URL's. */
  get endpoint(): string | undefined {
    return this.props.endpoint;
  }

  /** A client of that class, made at its first use and kept: `pipeline.client(SNSClient)`. */
  client<C extends Client>(ClientClass: new (config: ClientConfig) => C): C {
    const kept = this.clients.get(ClientClass);
    if (kept) return kept as C;
    const client = new ClientClass(this.clientConfig());
    client.middlewareStack.add(namingFailedRequests, { step: "initialize", priority: "high", name: "failedRequest" });
    this.clients.set(ClientClass, client);
    return client;
  }

  /** ARN of the topic that events are published to. */
  topicArn(): Promise<string> {
    return this.once("topic", async () => {
      const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
      const sts = this.client(STSClient);
      const { Account, Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
      const partition = Arn.split(":")[1] || "aws";
      return `arn:${partition}:sns:${await sts.config.region()}:${Account}:${this.names.topic}`;
    });
  }

  /** URL of a queue of this account. */
  queueUrl(queueName: string): Promise<string> {
    return this.once(`queue ${queueName}`, async () => {
      const { SQSClient, GetQueueUrlCommand } = await import("@aws-sdk/client-sqs");
      const { QueueUrl } = await this.client(SQSClient).send(new GetQueueUrlCommand({ QueueName: queueName }));
      return String(QueueUrl);
    });
  }

  /** Name of the bucket of raw events: as given, or as the delivery stream says, or by its name. */
  rawBucket(): Promise<string> {
    const { rawBucket } = this.props;
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
      // The bucket's own name is right in all but the rarest of cases, and who asks it gets an answer of its own.
      if (isUnsupported(error) || isMissing(error) || isDenied(error)) return undefined;
      throw error;
    }
  }

  /** What was found stays; what failed is tried again. */
  private once(key: string, find: () => Promise<string>): Promise<string> {
    const known = this.found.get(key);
    if (known) return known;
    const finding = find();
    this.found.set(key, finding);
    finding.catch(() => this.found.delete(key));
    return finding;
  }

  private clientConfig(): ClientConfig {
    const { region, profile, endpoint, credentials } = this.props;
    return {
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      // Buckets as hosts of 127.0.0.1 are found by no resolver.
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
}

type Next = (args: { input: unknown }) => Promise<unknown>;

/** An error of AWS does not say which request it is of, nor what that was about. */
function namingFailedRequests(next: Next, context: { clientName?: string; commandName?: string }): Next {
  return async (args) => {
    try {
      return await next(args);
    } catch (error) {
      const request: FailedRequest = {
        service: String(context.clientName).replace(/Client$/, ""),
        operation: String(context.commandName).replace(/Command$/, ""),
        resource: resourceOf(args.input),
      };
      if (typeof error === "object" && error !== null) Object.assign(error, { [FAILED_REQUEST]: request });
      throw error;
    }
  };
}
