import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { eventProcessorNames, NAME_RULES, pipelineNames } from "@event-pipeline/event-model/resource-names";
import { type AwsRequest, FAILED_REQUEST, ForeignResponseError, isInaccessible } from "./aws-errors";
import { awsCliOf, eventPipelineCommand, terraformEnvironmentOf } from "./commands";
import { UsageError } from "./errors";
import { LOCAL_RUN, type PipelineConnection } from "./pipeline-connection";
import type { SqsQueue } from "./sqs/queue-counts";

const CONNECTION_TIMEOUT_MS = 5_000;
/** Longer than an SQS long poll, which takes up to 20 s. */
const REQUEST_TIMEOUT_MS = 40_000;

/**
 * A logger without `info`: the SDK copies each request and response for `info`, which would take
 * a tenth of a reconcile's time. Credential providers call `debug` and `warn`.
 */
const NO_LOGGER: object = { logger: { debug: () => undefined, warn: () => undefined } };

interface AwsClient {
  destroy(): void;
  readonly config: { region(): Promise<string> };
  // Each client class declares its own middleware types.
  // biome-ignore lint/suspicious/noExplicitAny: the middleware below reads only the input.
  readonly middlewareStack: { add(middleware: any, options: object): void };
}

/**
 * A deployed pipeline, or the pipeline of the local run: the names of its
 * resources, and the AWS clients for them.
 *
 * @example
 * const pipeline = new Pipeline({ name: "alice", region: "eu-west-1" });
 * const status = await pipelineStatus(pipeline, { maxDeadLetters: 100, signal });
 * pipeline.destroy();
 */
export class Pipeline {
  readonly name: string;
  readonly names: ReturnType<typeof pipelineNames>;
  /** The names of the event processor's resources. The event processor is the consumer that stores events. */
  readonly processor: ReturnType<typeof eventProcessorNames>;
  private readonly clients = new Map<unknown, AwsClient>();
  private readonly found = new Map<string, Promise<unknown>>();
  /** The requests that wait for a response, oldest first. A request includes the SDK's retries. */
  readonly openRequests = new Set<AwsRequest & { readonly at: number }>();

  /** @throws UsageError when the name is invalid. */
  constructor(readonly connection: PipelineConnection) {
    const { name } = connection;
    if (![NAME_RULES.pattern, NAME_RULES.lengthPattern].every((pattern) => new RegExp(pattern).test(name))) {
      throw new UsageError(`Invalid name ${JSON.stringify(name)}. ${NAME_RULES.message}`);
    }
    this.name = name;
    this.names = pipelineNames(name);
    this.processor = eventProcessorNames(name);
  }

  /** The pipeline's name, endpoint, region and profile, for messages. */
  get description(): string {
    const { endpoint, region, profile } = this.connection;
    const where = [endpoint && `at ${endpoint}`, region && `in ${region}`, profile && `with the profile ${profile}`];
    return ["the pipeline", this.name, ...where.filter(Boolean)].join(" ");
  }

  /** Returns an event-pipeline command for this pipeline, for a message. */
  cliCommand(...words: readonly string[]): string {
    return eventPipelineCommand(this.connection, words);
  }

  /** The AWS CLI with the options for this pipeline, for commands in messages. */
  get awsCli(): string {
    return awsCliOf(this.connection);
  }

  /** The environment variables with which Terraform deploys this pipeline, for commands in messages. */
  get terraformEnvironment(): string {
    return terraformEnvironmentOf(this.connection);
  }

  /** Returns the pipeline's client of a class, such as `pipeline.client(SNSClient)`. The first call creates it. */
  client<C extends AwsClient>(ClientClass: new (config: ReturnType<typeof clientConfig>) => C): C {
    const kept = this.clients.get(ClientClass);
    if (kept) return kept as C;
    const client = new ClientClass(clientConfig(this.connection));
    client.middlewareStack.add(this.observeRequest, { step: "initialize", priority: "high", name: "observeRequest" });
    client.middlewareStack.add(refuseForeignResponse, {
      step: "deserialize",
      priority: "low",
      name: "foreignResponse",
    });
    this.clients.set(ClientClass, client);
    return client;
  }

  /** Returns the ARN of the topic that events are published to. */
  topicArn(signal?: AbortSignal): Promise<string> {
    return this.once("topic", async () => {
      const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
      const sts = this.client(STSClient);
      const { Account, Arn = "" } = await sts.send(new GetCallerIdentityCommand({}), signal && { abortSignal: signal });
      const partition = Arn.split(":")[1] || "aws";
      return `arn:${partition}:sns:${await sts.config.region()}:${Account}:${this.names.topic}`;
    });
  }

  /** Looks up a queue's URL by its name in this account. */
  async queue(queueName: string, signal?: AbortSignal): Promise<SqsQueue> {
    const { SQSClient, GetQueueUrlCommand } = await import("@aws-sdk/client-sqs");
    const sqs = this.client(SQSClient);
    const command = new GetQueueUrlCommand({ QueueName: queueName });
    const queueUrl = await this.once(`queue ${queueName}`, async () => {
      return String((await sqs.send(command, signal && { abortSignal: signal })).QueueUrl);
    });
    return { sqs, queueUrl, target: this.description };
  }

  rawBucket(signal?: AbortSignal): Promise<string> {
    const { rawBucket } = this.connection;
    return this.once("bucket", async () => rawBucket ?? (await this.bucketOfStream(signal)) ?? this.names.rawBucket);
  }

  /** Caches the result for a key. After a failure, the next call tries again. */
  once<T>(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.found.get(key) as Promise<T> | undefined;
    if (known) return known;
    const finding = find();
    this.found.set(key, finding);
    finding.catch(() => this.found.delete(key));
    return finding;
  }

  /** Closes the connections. */
  destroy(): void {
    for (const client of this.clients.values()) client.destroy();
    this.clients.clear();
  }

  private async bucketOfStream(signal?: AbortSignal): Promise<string | undefined> {
    const { FirehoseClient, DescribeDeliveryStreamCommand } = await import("@aws-sdk/client-firehose");
    const command = new DescribeDeliveryStreamCommand({ DeliveryStreamName: this.names.rawStream });
    try {
      const { DeliveryStreamDescription: stream } = await this.client(FirehoseClient).send(
        command,
        signal && { abortSignal: signal },
      );
      const [destination] = stream?.Destinations ?? [];
      // arn:aws:s3:::bucket
      return destination?.ExtendedS3DestinationDescription?.BucketARN?.split(":").at(-1);
    } catch (error) {
      // The default name is almost always correct, and a request to a wrong bucket fails.
      if (isInaccessible(error)) return undefined;
      throw error;
    }
  }

  /** Keeps the request in `openRequests`, and adds it to an error from AWS, because the error itself does not name it. */
  private readonly observeRequest = (
    next: (args: { input: unknown }) => Promise<unknown>,
    { clientName, commandName }: { clientName?: string; commandName?: string },
  ) => {
    return async (args: { input: unknown }): Promise<unknown> => {
      const request = {
        at: Date.now(),
        action: `${clientName?.replace(/Client$/, "")} ${commandName?.replace(/Command$/, "")}`,
        forResource: resourceText(args.input),
      };
      this.openRequests.add(request);
      try {
        return await next(args);
      } catch (error) {
        if (typeof error === "object" && error !== null) Object.assign(error, { [FAILED_REQUEST]: request });
        throw error;
      } finally {
        this.openRequests.delete(request);
      }
    };
  };
}

function clientConfig(connection: PipelineConnection) {
  const { region, profile, isLocalRun } = connection;
  // The SDK itself reads the environment's endpoints.
  const endpoint = connection.isEndpointFromEnvironment ? undefined : connection.endpoint;
  return {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    // Virtual-hosted style would add the bucket's name to the host, which cannot be an IP address then.
    ...(connection.endpoint !== undefined && { forcePathStyle: true }),
    ...(endpoint !== undefined && { endpoint }),
    // By default, SQS's client takes the host of each queue's URL, even if that is not the host of its endpoint.
    useQueueUrlAsEndpoint: false,
    ...(isLocalRun && { credentials: LOCAL_RUN.credentials }),
    // Otherwise, a role is assumed at AWS, even if the profile is for the endpoint.
    ...(endpoint !== undefined &&
      !isLocalRun && { credentials: defaultProvider({ ...(profile && { profile }), clientConfig: { endpoint } }) }),
    ...NO_LOGGER,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Also ends a response that stops in the middle of its body.
      socketTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
}

/** The request members that contain the resource's name, URL or ARN, in any service. */
const RESOURCE_MEMBERS = [
  "QueueUrl",
  "QueueName",
  "TopicArn",
  "TableName",
  "Bucket",
  "logGroupName",
  "DeliveryStreamName",
  "FunctionName",
  "EventSourceArn",
  "SubscriptionArn",
  "ResourceArn",
  "RoleName",
  "PolicyArn",
  "KeyId",
];

/** Returns a phrase with the resource's name, such as ` for alice-events`; empty if the input has none. */
function resourceText(input: unknown): string {
  const members = Object(input) as Record<string, unknown>;
  // In BatchGetItem and BatchWriteItem, the table's name is a key of RequestItems.
  const [table] = Object.keys(Object(members.RequestItems));
  const resource = RESOURCE_MEMBERS.map((name) => members[name]).find((value) => typeof value === "string") ?? table;
  return resource === undefined ? "" : ` for ${resource}`;
}

interface HttpResult {
  readonly response: { readonly headers?: Readonly<Record<string, string>> };
}

/**
 * Rejects a page in HTML, such as the sign-in page of a network. The SDK takes such a page for an empty
 * response from SNS and S3: an empty archive, or messages that were published.
 */
function refuseForeignResponse(next: (args: object) => Promise<HttpResult>) {
  return async (args: object): Promise<HttpResult> => {
    const result = await next(args);
    const { headers = {} } = result.response;
    const isFromAws = Object.keys(headers).some((name) => name.startsWith("x-amz"));
    if (/^text\/html/.test(headers["content-type"] ?? "") && !isFromAws) {
      throw new ForeignResponseError("The response is a page in HTML.");
    }
    return result;
  };
}
