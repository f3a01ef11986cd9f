/**
 * An AWS protocol. It determines the format of requests, responses and errors.
 *
 * @see https://smithy.io/2.0/aws/protocols/index.html
 */
export type Protocol = "json" | "query" | "rest-json" | "rest-xml" | "cbor";

/** An AWS service, with the actions that the local run supports. */
export interface SupportedService {
  readonly name: string;
  /** The service's name in a signature's credential scope, such as `monitoring`. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** Prefix before the action's name in `X-Amz-Target`, for the JSON protocol. */
  readonly targetPrefix?: string;
  /** Value of the `Version` parameter in the query protocol. */
  readonly queryVersion?: string;
  /** Differences from AWS by supported action; an empty string if there are none. */
  readonly actions: Readonly<Record<string, string>>;
}

export const SNS: SupportedService = {
  name: "SNS",
  signingName: "sns",
  protocol: "query",
  queryVersion: "2010-03-31",
  actions: {
    ConfirmSubscription: "subscriptions are confirmed automatically",
    CreateTopic: "",
    DeleteTopic: "",
    GetSubscriptionAttributes: "",
    GetTopicAttributes: "",
    ListSubscriptions: "",
    ListSubscriptionsByTopic: "",
    ListTagsForResource: "",
    ListTopics: "",
    Publish: "publishes to topics only; the signature is a placeholder",
    PublishBatch: "",
    SetSubscriptionAttributes: "",
    SetTopicAttributes: "stores policies, and does not enforce them",
    Subscribe: "supports `sqs` for any queue and `firehose` for the stack's streams; rejects other protocols",
    TagResource: "",
    Unsubscribe: "",
    UntagResource: "",
  },
};

export const SQS: SupportedService = {
  name: "SQS",
  signingName: "sqs",
  protocol: "json",
  targetPrefix: "AmazonSQS",
  queryVersion: "2012-11-05",
  actions: {
    CancelMessageMoveTask: "",
    ChangeMessageVisibility: "",
    ChangeMessageVisibilityBatch: "",
    CreateQueue: "stores policies, and does not enforce them",
    DeleteMessage: "",
    DeleteMessageBatch: "",
    DeleteQueue: "",
    GetQueueAttributes: "",
    GetQueueUrl: "",
    ListDeadLetterSourceQueues: "",
    ListMessageMoveTasks: "",
    ListQueues: "",
    ListQueueTags: "",
    PurgeQueue: "",
    ReceiveMessage: "",
    SendMessage: "",
    SendMessageBatch: "",
    SetQueueAttributes: "stores policies, and does not enforce them",
    StartMessageMoveTask: "supports standard queues only",
    TagQueue: "",
    UntagQueue: "",
  },
};

export const LAMBDA: SupportedService = {
  name: "Lambda",
  signingName: "lambda",
  protocol: "rest-json",
  actions: {
    Invoke: "supports functions with an event source mapping only; does not retry `Event` invocations",
  },
};

export const DYNAMODB: SupportedService = {
  name: "DynamoDB",
  signingName: "dynamodb",
  protocol: "json",
  targetPrefix: "DynamoDB_20120810",
  actions: {
    BatchGetItem: "",
    BatchWriteItem: "",
    CreateTable: "supports keys, indexes, billing mode and throughput only",
    DeleteItem: "",
    DeleteTable: "",
    DescribeTable: "",
    DescribeTimeToLive: "returns the stack's setting; no item expires",
    GetItem: "",
    ListTables: "",
    ListTagsOfResource: "",
    PutItem: "",
    Query: "",
    Scan: "",
    TagResource: "",
    UntagResource: "",
    UpdateItem: "",
    UpdateTable: "supports billing mode and throughput only",
  },
};

export const FIREHOSE: SupportedService = {
  name: "Firehose",
  signingName: "firehose",
  protocol: "json",
  targetPrefix: "Firehose_20150804",
  actions: {
    ListDeliveryStreams: "",
    PutRecord: "accepts UTF-8 text only; each record becomes a line in the archive",
    PutRecordBatch: "the same as `PutRecord`",
  },
};

export const S3: SupportedService = {
  name: "S3",
  signingName: "s3",
  protocol: "rest-xml",
  actions: {
    AbortMultipartUpload: "",
    CompleteMultipartUpload: "",
    CopyObject: "",
    CreateBucket: "",
    CreateMultipartUpload: "",
    DeleteBucket: "",
    DeleteObject: "",
    DeleteObjects: "",
    GetBucketLocation: "",
    GetObject: "supports one range per request",
    HeadBucket: "",
    HeadObject: "",
    ListBuckets: "returns all buckets in one response",
    ListObjects: "",
    ListObjectsV2: "",
    PutObject: "accepts up to 11 MiB; larger objects need a multipart upload",
    UploadPart: "accepts parts of up to 11 MiB",
    UploadPartCopy: "",
  },
};

export const LOGS: SupportedService = {
  name: "CloudWatch Logs",
  signingName: "logs",
  protocol: "json",
  targetPrefix: "Logs_20140328",
  actions: {
    DescribeLogGroups: "",
    FilterLogEvents:
      "searches the last 10,000 lines of a function, up to 16 MiB; supports terms, phrases and `{ $.key = value }` in patterns",
  },
};

export const STS: SupportedService = {
  name: "STS",
  signingName: "sts",
  protocol: "query",
  queryVersion: "2011-06-15",
  actions: { GetCallerIdentity: "always returns the account 000000000000" },
};

/** All supported services. The gateway rejects requests for any other service with status 501. */
export const SUPPORTED_SERVICES: readonly SupportedService[] = [SNS, SQS, LAMBDA, DYNAMODB, FIREHOSE, S3, LOGS, STS];

/** CloudWatch has no supported actions. This entry lets errors name the service. */
const CLOUDWATCH: SupportedService = {
  name: "CloudWatch",
  signingName: "monitoring",
  protocol: "json",
  targetPrefix: "GraniteServiceVersion20100801",
  queryVersion: "2010-08-01",
  actions: {},
};

const KNOWN_SERVICES = [...SUPPORTED_SERVICES, CLOUDWATCH];

/** Finds a service by its target prefix, signing name or query version. */
export function findService(
  by: "targetPrefix" | "signingName" | "queryVersion",
  value: string,
): SupportedService | undefined {
  return KNOWN_SERVICES.find((service) => service[by] === value);
}

/** Formats names as "A, B and C". */
const LIST = new Intl.ListFormat("en-GB");

/** Lists a service's supported actions in a sentence. If there are none, lists the supported services. */
export function describeSupport(service?: SupportedService): string {
  const actions = Object.keys(service?.actions ?? {});
  if (service && actions.length > 0) return `Supported ${service.name} actions: ${LIST.format(actions)}.`;
  const names = SUPPORTED_SERVICES.map(({ name }) => name);
  return `Supported services: ${LIST.format(names)}. To list their actions, run npm start -- --help.`;
}

const NAME_COLUMNS = 18;

/** Returns the list of supported actions for `--help`, at most 80 columns wide. */
export function supportedActionsText(): string {
  return SUPPORTED_SERVICES.flatMap(({ name, actions }) => {
    const lines =
      Object.keys(actions)
        .join(" ")
        .match(/\S.{0,61}(?= |$)/g) ?? [];
    return lines.map((line, index) => (index === 0 ? `  ${name}` : "").padEnd(NAME_COLUMNS) + line);
  }).join("\n");
}
