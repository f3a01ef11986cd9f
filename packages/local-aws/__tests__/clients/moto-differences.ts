/** Answers in which moto differs from the local services. */
export interface MotoDifference {
  readonly calls: RegExp;
  /** Paths in the answer. */
  readonly paths: RegExp;
  readonly because: string;
}

/** Tests fail for a difference that is not here, and for one that moto no longer has. */
export const MOTO_DIFFERENCES: readonly MotoDifference[] = [
  // Identity
  {
    calls: /^sts\.GetCallerIdentity/,
    paths: /\.Arn$/,
    because: "moto's user has the service sts in its ARN; AWS uses iam",
  },
  { calls: /^sns\.GetSubscription/, paths: /\.SubscriptionPrincipal$/, because: "moto does not know who subscribed" },
  // What moto accepts
  {
    calls: /^sqs\.CreateQueue with an attribute out of range/,
    paths: /^error|QueueUrl$/,
    because: "moto accepts a visibility timeout above 12 hours",
  },
  { calls: /^sns\.Publish without text/, paths: /^error|MessageId$/, because: "moto publishes an empty message" },
  {
    calls: /^sns\.ListSubscriptions/,
    paths: /\.Subscriptions\.1\./,
    because: "moto keeps the subscription whose filter policy SNS refuses",
  },
  // Texts
  {
    calls: /^sqs\.SendMessageBatch/,
    paths: /Failed\.0\.Message$/,
    because: "SQS's text names the range, moto's the comparison",
  },
  {
    calls: /^sqs\.GetQueueAttributes/,
    paths: /\.RedrivePolicy$/,
    because: "moto returns the JSON with spaces, SQS as it was given",
  },
  {
    calls: /^sns\.GetTopicAttributes/,
    paths: /Policy$/,
    because: "moto orders and spaces the JSON otherwise, has no http.defaultRequestPolicy, and an empty DeliveryPolicy",
  },
  {
    calls: /^sqs\.ReceiveMessage of an envelope/,
    paths: /\.(Body|MD5OfBody)$/,
    because: "moto sorts the envelope's members and indents them; SNS sends them in its documented order",
  },
  {
    calls: /^s3\.CompleteMultipartUpload$/,
    paths: /\.Location$/,
    because: "moto's location is on amazonaws.com, the local one on the endpoint",
  },
  {
    calls: /^cloudwatch\.GetMetricData/,
    paths: /\.Label$/,
    because: "moto appends the statistic; CloudWatch's default is the metric's name",
  },
  // Members of S3's answers
  {
    calls: /^s3\./,
    paths: /\.ServerSideEncryption$/,
    because: "S3 encrypts every object since 2023; moto does not report it",
  },
  { calls: /^s3\./, paths: /\.ChecksumType$/, because: "moto returns checksums without their type" },
  {
    calls: /^s3\.(ListObjects$|ListObjectVersions)/,
    paths: /\.ChecksumAlgorithm\.0$/,
    because: "moto lists the algorithm only in ListObjectsV2",
  },
  {
    calls: /^s3\.CompleteMultipartUpload$/,
    paths: /\.ChecksumCRC64NVME$/,
    because: "S3 computes a CRC-64 if the client names no algorithm",
  },
  {
    calls: /^s3\.CompleteMultipartUpload$/,
    paths: /\.VersionId$/,
    because: "moto returns a version in a bucket without versions",
  },
  { calls: /^s3\.CompleteMultipartUpload of an unknown/, paths: /^error$/, because: "moto fails with status 500" },
  {
    calls: /^s3\.List/,
    paths: /\.(Owner|Initiator)\.(ID|DisplayName)$/,
    because: "moto makes up owners; S3 returns no names since 2025",
  },
  {
    calls: /^s3\.List/,
    paths: /\.(Marker|Prefix|EncodingType)$/,
    because: "moto does not repeat parameters of the request",
  },
  { calls: /^s3\.HeadBucket$/, paths: /\.(AccessPointAlias|BucketArn)$/, because: "moto lacks the headers" },
  {
    calls: /^s3\.DeleteObjects/,
    paths: /\.Deleted\.1\.DeleteMarker/,
    because: "S3 adds a delete marker for an unknown key too; moto does not",
  },
  // Members of other answers
  {
    calls: /^dynamodb\./,
    paths: /\.(WarmThroughput\..*|DeletionProtectionEnabled)$/,
    because: "dynalite is older than these members",
  },
  {
    calls: /^dynamodb\./,
    paths: /\.(TableId|GlobalSecondaryIndexes|LocalSecondaryIndexes|LastUpdateToPayPerRequestDateTime)$/,
    because: "moto has no ID and no time, and returns empty lists where DynamoDB returns none",
  },
  { calls: /^dynamodb\.(Create|Delete)Table/, paths: /\.TableStatus$/, because: "moto's tables change at once" },
  {
    calls: /^dynamodb\.(Describe|Delete)Table/,
    paths: /\.ItemCount$/,
    because: "DynamoDB counts items every six hours, moto at once",
  },
  {
    calls: /^dynamodb\.(UpdateItem|Batch|TransactWrite)/,
    paths: /\.(ConsumedCapacity|ItemCollectionMetrics)|^output$/,
    because: "moto returns capacity and metrics that the request does not ask for",
  },
  {
    calls: /^iam\.(Create|Get)Role/,
    paths: /\.RoleLastUsed$/,
    because: "the local services do not know when a role was used",
  },
  {
    calls: /^firehose\.DescribeDeliveryStream/,
    paths: /\.(S3DestinationDescription|ExtendedS3DestinationDescription)\./,
    because: "moto returns no defaults",
  },
  {
    calls: /^firehose\.DescribeDeliveryStream/,
    paths: /\.(LastUpdateTimestamp|DeliveryStreamEncryptionConfiguration\.Status)$/,
    because: "moto has an update time before the first update, and no status of the encryption",
  },
  {
    calls: /^cloudwatch\.GetMetricData/,
    paths: /\.Messages$/,
    because: "moto has no messages, CloudWatch an empty list",
  },
  {
    calls: /^kms\./,
    paths: /\.(KeyUsage|MultiRegion|SigningAlgorithms)$/,
    because: "moto leaves out defaults, and returns an empty list",
  },
  { calls: /^kms\.GetKeyPolicy/, paths: /\.PolicyName$/, because: "KMS returns the name since 2023; moto does not" },
  // What only moto supports
  {
    calls: /^(logs\.PutResourcePolicy|iam\.ListGroups|s3\.GetBucketCors)/,
    paths: /./,
    because: "the local services answer 501",
  },
];
