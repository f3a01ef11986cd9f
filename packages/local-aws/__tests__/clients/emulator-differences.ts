import type { Emulator } from "./emulators";

/** Answers in which emulators differ from the local services. */
export interface EmulatorDifference {
  readonly emulator: Emulator | "both";
  readonly calls: RegExp;
  /** Paths in the answer. */
  readonly paths: RegExp;
  /** The side whose answer AWS's documentation describes; "either" if it allows both. */
  readonly right: "local" | "emulator" | "either";
  readonly because: string;
}

/** Tests fail for a difference that is not here, and for one that an emulator no longer has. */
export const EMULATOR_DIFFERENCES: readonly EmulatorDifference[] = [
  // Identity
  {
    emulator: "moto",
    calls: /^sts\.GetCallerIdentity/,
    paths: /\.Arn$/,
    right: "local",
    because: "moto's user has the service sts in its ARN; AWS uses iam",
  },
  {
    emulator: "ministack",
    calls: /^sts\.GetCallerIdentity/,
    paths: /\.Arn$/,
    right: "either",
    because: "the caller is the user local here, and the root user there",
  },
  {
    emulator: "both",
    calls: /^sns\.GetSubscription/,
    paths: /\.SubscriptionPrincipal$/,
    right: "local",
    because: "the emulators do not know who subscribed",
  },
  // Actions that emulators lack
  {
    emulator: "ministack",
    calls: /^sqs\.(ListDeadLetterSourceQueues|(Start|List)MessageMoveTasks?)/,
    paths: /./,
    right: "local",
    because: "ministack lacks the actions",
  },
  {
    emulator: "moto",
    calls: /^sqs\.(Start|List)MessageMoveTasks?/,
    paths: /./,
    right: "local",
    because: "moto lacks the actions, and fails with status 500",
  },
  {
    emulator: "both",
    calls: /^(logs\.PutResourcePolicy|iam\.ListGroups|s3\.GetBucketCors)/,
    paths: /./,
    right: "emulator",
    because: "the local services answer 501",
  },
  // What emulators accept
  {
    emulator: "moto",
    calls: /^sqs\.CreateQueue with an attribute out of range/,
    paths: /^error|QueueUrl$/,
    right: "local",
    because: "moto accepts a visibility timeout above 12 hours",
  },
  {
    emulator: "ministack",
    calls: /^sqs\.SendMessage(Batch$| with a delay out of range)/,
    paths: /./,
    right: "local",
    because: "ministack accepts a delay above 900 seconds",
  },
  {
    emulator: "both",
    calls: /^sqs\.SendMessage with 11 attributes/,
    paths: /./,
    right: "local",
    because: "the emulators accept more than 10 message attributes",
  },
  {
    emulator: "ministack",
    calls: /^sns\.(CreateTopic with an invalid name|ListTopics)/,
    paths: /^error$|\.TopicArn$/,
    right: "local",
    because: "ministack creates the topic, although names have no spaces",
  },
  {
    emulator: "both",
    calls: /^sns\.(Subscribe with an invalid filter policy|ListSubscriptions)/,
    paths: /^error$|^output\.SubscriptionArn$|\.Subscriptions\.1\./,
    right: "local",
    because: "the emulators keep the subscription whose filter policy SNS refuses; ministack reports no error",
  },
  {
    emulator: "both",
    calls: /^sns\.Publish without text/,
    paths: /^error|MessageId$/,
    right: "local",
    because: "the emulators publish an empty message",
  },
  {
    emulator: "ministack",
    calls: /^sns\.Publish with a subject of 101 characters/,
    paths: /^error|MessageId$/,
    right: "local",
    because: "subjects have up to 100 characters",
  },
  {
    emulator: "moto",
    calls: /^dynamodb\.PutItem with 33 levels/,
    paths: /./,
    right: "local",
    because: "moto accepts more than 32 levels",
  },
  // Codes of errors
  {
    emulator: "both",
    calls: /^sqs\.CreateQueue with an unknown dead-letter queue/,
    paths: /^error$/,
    right: "either",
    because: "no page names the code; SQS's answers in reports of others have InvalidParameterValue",
  },
  {
    emulator: "moto",
    calls: /^s3\.CompleteMultipartUpload of an unknown/,
    paths: /^error$/,
    right: "local",
    because: "moto fails with status 500",
  },
  // Texts
  {
    emulator: "moto",
    calls: /^sqs\.SendMessageBatch/,
    paths: /Failed\.0\.Message$/,
    right: "either",
    because: "the local text names the range, moto's the comparison",
  },
  {
    emulator: "both",
    calls: /^sqs\.GetQueueAttributes/,
    paths: /\.RedrivePolicy$/,
    right: "local",
    because: "moto returns the JSON with spaces, ministack maxReceiveCount as text; AWS documents an integer",
  },
  {
    emulator: "both",
    calls: /^sns\.GetTopicAttributes/,
    paths: /\.(Policy|EffectiveDeliveryPolicy|DeliveryPolicy)$/,
    right: "local",
    because: "the emulators' delivery policies lack members; ministack's policy names other actions than SNS's default",
  },
  {
    emulator: "both",
    calls: /^sqs\.ReceiveMessage of an envelope/,
    paths: /\.(Body|MD5OfBody)$/,
    right: "local",
    because: "moto sorts the envelope's members, and ministack's UnsubscribeURL names another subscription",
  },
  {
    emulator: "moto",
    calls: /^s3\.CompleteMultipartUpload$/,
    paths: /\.Location$/,
    right: "either",
    because: "moto's location is on amazonaws.com, the local one on the endpoint",
  },
  {
    emulator: "both",
    calls: /^cloudwatch\.GetMetricData/,
    paths: /\.Label$/,
    right: "either",
    because: "CloudWatch generates a label; the local one is the metric's name",
  },
  // Members of SQS's and SNS's answers
  {
    emulator: "ministack",
    calls: /^sqs\.GetQueueAttributes/,
    paths: /\.SqsManagedSseEnabled$/,
    right: "local",
    because: "SQS encrypts new queues by default; ministack does not report it",
  },
  {
    emulator: "ministack",
    calls: /^sns\.GetSubscriptionAttributes/,
    paths: /\.FilterPolicyScope$/,
    right: "local",
    because: "ministack lacks the default",
  },
  // Members of S3's answers
  {
    emulator: "both",
    calls: /^s3\./,
    paths: /\.ServerSideEncryption$/,
    right: "local",
    because: "S3 encrypts every object since 2023; the emulators do not report it",
  },
  {
    emulator: "both",
    calls: /^s3\./,
    paths: /\.(ChecksumType|ChecksumCRC64NVME)$/,
    right: "local",
    because: "S3 returns a checksum's type, and computes a CRC-64 if the client names no algorithm",
  },
  {
    emulator: "ministack",
    calls: /^s3\.(PutObject|CopyObject)/,
    paths: /\.Checksum(CRC32|SHA256)$/,
    right: "local",
    because: "ministack does not return the checksum that the client sent",
  },
  {
    emulator: "ministack",
    calls: /^s3\.ListParts/,
    paths: /\.ChecksumCRC32$/,
    right: "local",
    because: "S3 lists checksums only if the upload was created with their algorithm",
  },
  {
    emulator: "both",
    calls: /^s3\.ListObject/,
    paths: /\.ChecksumAlgorithm\.0$/,
    right: "local",
    because: "ministack lists no algorithms, moto only in ListObjectsV2",
  },
  {
    emulator: "ministack",
    calls: /^s3\.(Head|Get)Object/,
    paths: /\.ContentType$/,
    right: "local",
    because: "S3's default is binary/octet-stream",
  },
  {
    emulator: "both",
    calls: /^s3\.List/,
    paths: /\.(Owner|Initiator)\.(ID|DisplayName)$/,
    right: "local",
    because: "the emulators make up owners; S3 returns no names since 2025",
  },
  {
    emulator: "both",
    calls: /^s3\.List/,
    paths: /\.(Marker|Prefix|EncodingType)$/,
    right: "local",
    because: "the emulators do not repeat parameters of the request",
  },
  {
    emulator: "ministack",
    calls: /^s3\.ListParts/,
    paths: /\.NextPartNumberMarker$/,
    right: "either",
    because: "AWS documents the marker for truncated lists only; a complete one may have it",
  },
  {
    emulator: "ministack",
    calls: /^s3\.(HeadBucket|ListBuckets)$/,
    paths: /\.(BucketArn|Buckets\.0\.BucketRegion)$/,
    right: "local",
    because: "S3 returns ARNs of directory buckets only, and regions only for requests with parameters",
  },
  {
    emulator: "both",
    calls: /^s3\.HeadBucket$/,
    paths: /\.AccessPointAlias$/,
    right: "local",
    because: "the emulators lack the header",
  },
  {
    emulator: "moto",
    calls: /^s3\.CompleteMultipartUpload$/,
    paths: /\.VersionId$/,
    right: "local",
    because: "moto returns a version in a bucket without versions",
  },
  {
    emulator: "moto",
    calls: /^s3\.DeleteObjects/,
    paths: /\.Deleted\.1\.DeleteMarker/,
    right: "local",
    because: "S3 adds a delete marker for an unknown key too; moto does not",
  },
  // Members of DynamoDB's answers
  {
    emulator: "both",
    calls: /^dynamodb\.(Create|Delete)Table/,
    paths: /\.TableStatus$/,
    right: "local",
    because: "the emulators' tables change at once",
  },
  {
    emulator: "both",
    calls: /^dynamodb\.(Describe|Delete)Table/,
    paths: /\.(ItemCount|TableSizeBytes)$/,
    right: "local",
    because: "DynamoDB counts items every six hours, the emulators at once",
  },
  {
    emulator: "both",
    calls: /^dynamodb\.(Describe|Delete)Table/,
    paths: /\.LastUpdateToPayPerRequestDateTime$/,
    right: "local",
    because: "the emulators lack the time",
  },
  {
    emulator: "moto",
    calls: /^dynamodb\.\w+Table/,
    paths: /\.(TableId|GlobalSecondaryIndexes|LocalSecondaryIndexes)$/,
    right: "local",
    because: "moto has no ID, and returns empty lists where DynamoDB returns none",
  },
  {
    emulator: "ministack",
    calls: /^dynamodb\.\w+Table/,
    paths: /\.(NumberOfDecreasesToday|(Read|Write)UnitsPerSecond)$/,
    right: "local",
    because: "a new on-demand table has 12,000 read and 4,000 write units of warm throughput; ministack's have none",
  },
  {
    emulator: "moto",
    calls: /^dynamodb\.(UpdateItem|Batch|TransactWrite)/,
    paths: /\.(ConsumedCapacity|ItemCollectionMetrics)|^output$/,
    right: "local",
    because: "moto returns capacity and metrics that the request does not ask for",
  },
  // Members of other answers
  {
    emulator: "moto",
    calls: /^iam\.(Create|Get)Role/,
    paths: /\.RoleLastUsed$/,
    right: "either",
    because: "the role was not used",
  },
  {
    emulator: "ministack",
    calls: /^iam\.(CreateRole|GetRole|ListRoles)/,
    paths: /\.Description$/,
    right: "either",
    because: "the role has no description; ministack's is empty",
  },
  {
    emulator: "both",
    calls: /^firehose\.DescribeDeliveryStream/,
    paths: /\.(S3DestinationDescription|ExtendedS3DestinationDescription)\./,
    right: "local",
    because: "the emulators return no defaults, and ministack only one of the two descriptions",
  },
  {
    emulator: "both",
    calls: /^firehose\.DescribeDeliveryStream/,
    paths: /\.(LastUpdateTimestamp|DeliveryStreamEncryptionConfiguration\.Status)$/,
    right: "local",
    because: "the emulators have an update time before the first update, and no status of the encryption",
  },
  {
    emulator: "both",
    calls: /^cloudwatch\.GetMetricData/,
    paths: /\.Messages$/,
    right: "either",
    because: "the emulators have no messages, the local service an empty list",
  },
  {
    emulator: "moto",
    calls: /^logs\.DescribeLogGroups/,
    paths: /\.logGroupClass$/,
    right: "local",
    because: "moto lacks the default",
  },
  {
    emulator: "both",
    calls: /^kms\./,
    paths: /\.(KeyUsage|MultiRegion|CurrentKeyMaterialId|AWSAccountId|SigningAlgorithms)$/,
    right: "local",
    because: "the emulators lack some members, and return an empty list that only asymmetric keys have",
  },
  {
    emulator: "moto",
    calls: /^kms\.GetKeyPolicy/,
    paths: /\.PolicyName$/,
    right: "local",
    because: "KMS returns the name since 2023; moto does not",
  },
];
