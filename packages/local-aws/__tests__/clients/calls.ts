/** A call that every client makes, in the order of the table. */
export interface Call {
  /** `sqs.SendMessage`. */
  readonly call: string;
  /** Distinguishes the call from others of its operation. */
  readonly title?: string;
  /** Input, whose texts contain `$name` for values of earlier outputs. */
  readonly input?: object;
  /** Names for values in the output, by their paths. */
  readonly saves?: Readonly<Record<string, string>>;
  /** A part of the output. */
  readonly output?: object;
  /** The code of the error. */
  readonly error?: string;
  /** Reason that clients of 2022 cannot make the call. */
  readonly newSince2022?: string;
}

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "firehose.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::archive/*" }],
});
const KEY_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "kms:*", Resource: "*" },
  ],
});
const UNKNOWN_QUEUE = "http://127.0.0.1/000000000000/unknown";
const UNKNOWN_TOPIC = "arn:aws:sns:us-east-1:000000000000:unknown";
const PART = "x".repeat(5 * 1024 * 1024);
const CONDITIONAL_WRITES = "S3 has conditional writes since 2024.";
const MOVE_TASKS = "SQS's API has redrives since 2023.";
const EVENT = { pk: { S: "event#1" }, sk: { S: "v1" } };

/** Returns an attribute of this many lists in each other. */
function nested(levels: number): object {
  return levels === 0 ? { S: "1" } : { L: [nested(levels - 1)] };
}

const STS: readonly Call[] = [{ call: "sts.GetCallerIdentity", output: { Account: "000000000000" } }];

const SQS: readonly Call[] = [
  { call: "sqs.CreateQueue", title: "dead letters", input: { QueueName: "dead" }, saves: { dead: "QueueUrl" } },
  {
    call: "sqs.CreateQueue",
    input: {
      QueueName: "events",
      Attributes: {
        VisibilityTimeout: "60",
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
          maxReceiveCount: "5",
        }),
      },
      tags: { team: "events" },
    },
    saves: { queue: "QueueUrl" },
  },
  {
    call: "sqs.CreateQueue",
    title: "with other attributes",
    input: { QueueName: "events", Attributes: { VisibilityTimeout: "61" } },
    error: "QueueAlreadyExists",
  },
  {
    call: "sqs.CreateQueue",
    title: "with an attribute out of range",
    input: { QueueName: "other", Attributes: { VisibilityTimeout: "43201" } },
    error: "InvalidAttributeValue",
  },
  {
    call: "sqs.CreateQueue",
    title: "with an unknown dead-letter queue",
    input: {
      QueueName: "other",
      Attributes: {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:unknown",
          maxReceiveCount: 5,
        }),
      },
    },
    error: "InvalidParameterValue",
  },
  { call: "sqs.GetQueueUrl", input: { QueueName: "events" }, output: { QueueUrl: "$queue" } },
  {
    call: "sqs.GetQueueUrl",
    title: "of an unknown queue",
    input: { QueueName: "unknown" },
    error: "AWS.SimpleQueueService.NonExistentQueue",
  },
  {
    call: "sqs.GetQueueAttributes",
    input: { QueueUrl: "$queue", AttributeNames: ["All"] },
    output: { Attributes: { VisibilityTimeout: "60", QueueArn: "arn:aws:sqs:us-east-1:000000000000:events" } },
  },
  { call: "sqs.SetQueueAttributes", input: { QueueUrl: "$queue", Attributes: { ReceiveMessageWaitTimeSeconds: "1" } } },
  {
    call: "sqs.SendMessage",
    input: {
      QueueUrl: "$queue",
      MessageBody: "é 🙂 <&>",
      MessageAttributes: { type: { DataType: "String", StringValue: "order" } },
    },
    // The clients check the hashes.
    output: { MD5OfMessageBody: expect.any(String), MD5OfMessageAttributes: expect.any(String) },
  },
  {
    call: "sqs.ReceiveMessage",
    input: { QueueUrl: "$queue", AttributeNames: ["All"], MessageAttributeNames: ["All"], MaxNumberOfMessages: 10 },
    output: {
      Messages: [
        {
          Body: "é 🙂 <&>",
          Attributes: { ApproximateReceiveCount: "1" },
          MessageAttributes: { type: { DataType: "String", StringValue: "order" } },
        },
      ],
    },
    saves: { receipt: "Messages.0.ReceiptHandle" },
  },
  {
    call: "sqs.ChangeMessageVisibility",
    input: { QueueUrl: "$queue", ReceiptHandle: "$receipt", VisibilityTimeout: 0 },
  },
  {
    call: "sqs.ReceiveMessage",
    title: "again",
    input: { QueueUrl: "$queue", AttributeNames: ["ApproximateReceiveCount"] },
    output: { Messages: [{ Attributes: { ApproximateReceiveCount: "2" } }] },
    saves: { receipt: "Messages.0.ReceiptHandle" },
  },
  { call: "sqs.DeleteMessage", input: { QueueUrl: "$queue", ReceiptHandle: "$receipt" } },
  {
    call: "sqs.SendMessageBatch",
    input: {
      QueueUrl: "$queue",
      Entries: [
        { Id: "a", MessageBody: "1" },
        { Id: "b", MessageBody: "2", DelaySeconds: 901 },
      ],
    },
    output: { Successful: [{ Id: "a" }], Failed: [{ Id: "b", SenderFault: true, Code: "InvalidParameterValue" }] },
  },
  {
    call: "sqs.SendMessageBatch",
    title: "with equal IDs",
    input: {
      QueueUrl: "$queue",
      Entries: [
        { Id: "a", MessageBody: "1" },
        { Id: "a", MessageBody: "2" },
      ],
    },
    error: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  },
  {
    call: "sqs.SendMessage",
    title: "with a delay out of range",
    input: { QueueUrl: "$queue", MessageBody: "1", DelaySeconds: 901 },
    error: "InvalidParameterValue",
  },
  {
    call: "sqs.SendMessage",
    title: "with 11 attributes",
    input: {
      QueueUrl: "$queue",
      MessageBody: "1",
      MessageAttributes: Object.fromEntries(
        Array.from({ length: 11 }, (_, index) => [`a${index}`, { DataType: "String", StringValue: "1" }]),
      ),
    },
    error: "InvalidParameterValue",
  },
  {
    call: "sqs.ChangeMessageVisibility",
    title: "with an invalid receipt handle",
    input: { QueueUrl: "$queue", ReceiptHandle: "invalid", VisibilityTimeout: 0 },
    error: "ReceiptHandleIsInvalid",
  },
  {
    call: "sqs.SendMessage",
    title: "to an unknown queue",
    input: { QueueUrl: UNKNOWN_QUEUE, MessageBody: "1" },
    error: "AWS.SimpleQueueService.NonExistentQueue",
  },
  { call: "sqs.PurgeQueue", input: { QueueUrl: "$queue" } },
  { call: "sqs.ReceiveMessage", title: "of an empty queue", input: { QueueUrl: "$queue" } },
  { call: "sqs.TagQueue", input: { QueueUrl: "$queue", Tags: { stage: "test" } } },
  { call: "sqs.UntagQueue", input: { QueueUrl: "$queue", TagKeys: ["team"] } },
  { call: "sqs.ListQueueTags", input: { QueueUrl: "$queue" }, output: { Tags: { stage: "test" } } },
  { call: "sqs.ListQueues", input: { QueueNamePrefix: "ev" }, output: { QueueUrls: ["$queue"] } },
  { call: "sqs.ListDeadLetterSourceQueues", input: { QueueUrl: "$dead" }, output: { queueUrls: ["$queue"] } },
  {
    call: "sqs.StartMessageMoveTask",
    input: { SourceArn: "arn:aws:sqs:us-east-1:000000000000:dead" },
    output: { TaskHandle: expect.any(String) },
    newSince2022: MOVE_TASKS,
  },
  {
    call: "sqs.ListMessageMoveTasks",
    input: { SourceArn: "arn:aws:sqs:us-east-1:000000000000:dead" },
    output: { Results: [{ SourceArn: "arn:aws:sqs:us-east-1:000000000000:dead" }] },
    newSince2022: MOVE_TASKS,
  },
];

const SNS: readonly Call[] = [
  {
    call: "sns.CreateTopic",
    input: { Name: "events", Tags: [{ Key: "team", Value: "events" }] },
    saves: { topic: "TopicArn" },
  },
  { call: "sns.CreateTopic", title: "with an invalid name", input: { Name: "a b" }, error: "InvalidParameter" },
  { call: "sns.ListTopics", output: { Topics: [{ TopicArn: "$topic" }] } },
  { call: "sns.GetTopicAttributes", input: { TopicArn: "$topic" }, output: { Attributes: { TopicArn: "$topic" } } },
  {
    call: "sns.GetTopicAttributes",
    title: "of an unknown topic",
    input: { TopicArn: UNKNOWN_TOPIC },
    error: "NotFound",
  },
  {
    call: "sns.SetTopicAttributes",
    input: { TopicArn: "$topic", AttributeName: "DisplayName", AttributeValue: "Events" },
  },
  {
    call: "sns.Subscribe",
    input: {
      TopicArn: "$topic",
      Protocol: "sqs",
      Endpoint: "arn:aws:sqs:us-east-1:000000000000:events",
      Attributes: { FilterPolicy: JSON.stringify({ type: ["order"] }) },
      ReturnSubscriptionArn: true,
    },
    saves: { subscription: "SubscriptionArn" },
  },
  {
    call: "sns.Subscribe",
    title: "with an invalid filter policy",
    input: {
      TopicArn: "$topic",
      Protocol: "sqs",
      Endpoint: "arn:aws:sqs:us-east-1:000000000000:dead",
      Attributes: { FilterPolicy: JSON.stringify({ type: "order" }) },
    },
    error: "InvalidParameter",
  },
  {
    call: "sns.GetSubscriptionAttributes",
    input: { SubscriptionArn: "$subscription" },
    output: { Attributes: { Protocol: "sqs", RawMessageDelivery: "false" } },
  },
  {
    call: "sns.ListSubscriptionsByTopic",
    input: { TopicArn: "$topic" },
    output: { Subscriptions: [{ Protocol: "sqs" }] },
  },
  { call: "sns.ListSubscriptions", output: { Subscriptions: [{ SubscriptionArn: "$subscription" }] } },
  {
    call: "sns.Publish",
    input: {
      TopicArn: "$topic",
      Message: "order 1 🙂",
      Subject: "Order",
      MessageAttributes: { type: { DataType: "String", StringValue: "order" } },
    },
    output: { MessageId: expect.any(String) },
  },
  { call: "sns.Publish", title: "what the filter rejects", input: { TopicArn: "$topic", Message: "no type" } },
  {
    call: "sqs.ReceiveMessage",
    title: "of an envelope",
    input: { QueueUrl: "$queue" },
    output: { Messages: [{ Body: expect.stringContaining("order 1 🙂") }] },
    saves: { receipt: "Messages.0.ReceiptHandle" },
  },
  {
    call: "sqs.DeleteMessageBatch",
    input: { QueueUrl: "$queue", Entries: [{ Id: "a", ReceiptHandle: "$receipt" }] },
    output: { Successful: [{ Id: "a" }] },
  },
  {
    call: "sns.SetSubscriptionAttributes",
    input: { SubscriptionArn: "$subscription", AttributeName: "RawMessageDelivery", AttributeValue: "true" },
  },
  {
    call: "sns.PublishBatch",
    input: {
      TopicArn: "$topic",
      PublishBatchRequestEntries: ["a", "b"].map((Id) => ({
        Id,
        Message: `raw ${Id}`,
        MessageAttributes: { type: { DataType: "String", StringValue: Id === "a" ? "order" : "other" } },
      })),
    },
    output: { Successful: [{ Id: "a" }, { Id: "b" }] },
  },
  {
    call: "sqs.ReceiveMessage",
    title: "of a raw message",
    input: { QueueUrl: "$queue", MessageAttributeNames: ["type"] },
    output: { Messages: [{ Body: "raw a", MessageAttributes: { type: { StringValue: "order" } } }] },
  },
  {
    call: "sns.Publish",
    title: "with a subject of 101 characters",
    input: { TopicArn: "$topic", Message: "1", Subject: "s".repeat(101) },
    error: "InvalidParameter",
  },
  { call: "sns.Publish", title: "without text", input: { TopicArn: "$topic", Message: "" }, error: "InvalidParameter" },
  {
    call: "sns.Publish",
    title: "to an unknown topic",
    input: { TopicArn: UNKNOWN_TOPIC, Message: "1" },
    error: "NotFound",
  },
  { call: "sns.TagResource", input: { ResourceArn: "$topic", Tags: [{ Key: "stage", Value: "test" }] } },
  { call: "sns.UntagResource", input: { ResourceArn: "$topic", TagKeys: ["team"] } },
  {
    call: "sns.ListTagsForResource",
    input: { ResourceArn: "$topic" },
    output: { Tags: [{ Key: "stage", Value: "test" }] },
  },
  { call: "sns.Unsubscribe", input: { SubscriptionArn: "$subscription" } },
  { call: "sns.DeleteTopic", input: { TopicArn: "$topic" } },
  { call: "sqs.DeleteQueue", input: { QueueUrl: "$queue" } },
  {
    call: "sqs.DeleteQueue",
    title: "again",
    input: { QueueUrl: "$queue" },
    error: "AWS.SimpleQueueService.NonExistentQueue",
  },
];

const S3: readonly Call[] = [
  { call: "s3.CreateBucket", input: { Bucket: "archive" } },
  { call: "s3.ListBuckets", output: { Buckets: [{ Name: "archive" }] } },
  { call: "s3.HeadBucket", input: { Bucket: "archive" } },
  { call: "s3.HeadBucket", title: "of an unknown bucket", input: { Bucket: "unknown" }, error: "404" },
  { call: "s3.GetBucketLocation", input: { Bucket: "archive" } },
  {
    call: "s3.PutObject",
    input: {
      Bucket: "archive",
      Key: "a/é +&.txt",
      Body: "0123456789",
      ContentType: "text/plain",
      Metadata: { source: "test" },
    },
    output: { ETag: '"781e5e245d69b566979b86e28d23f2c7"' },
    saves: { etag: "ETag" },
  },
  {
    call: "s3.PutObject",
    title: "with a checksum",
    input: { Bucket: "archive", Key: "b.txt", Body: "b", ChecksumAlgorithm: "SHA256" },
    output: { ChecksumSHA256: "PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=" },
  },
  {
    call: "s3.PutObject",
    title: "if absent",
    input: { Bucket: "archive", Key: "b.txt", Body: "c", IfNoneMatch: "*" },
    error: "PreconditionFailed",
    newSince2022: CONDITIONAL_WRITES,
  },
  {
    call: "s3.GetObject",
    input: { Bucket: "archive", Key: "a/é +&.txt" },
    output: { Body: "0123456789", ContentType: "text/plain", Metadata: { source: "test" } },
  },
  {
    call: "s3.GetObject",
    title: "of a range",
    input: { Bucket: "archive", Key: "a/é +&.txt", Range: "bytes=2-4" },
    output: { Body: "234", ContentRange: "bytes 2-4/10" },
  },
  {
    call: "s3.GetObject",
    title: "of a range after the end",
    input: { Bucket: "archive", Key: "a/é +&.txt", Range: "bytes=10-" },
    error: "InvalidRange",
  },
  {
    call: "s3.GetObject",
    title: "if changed",
    input: { Bucket: "archive", Key: "a/é +&.txt", IfNoneMatch: "$etag" },
    error: "304",
  },
  {
    call: "s3.GetObject",
    title: "if the same",
    input: { Bucket: "archive", Key: "a/é +&.txt", IfMatch: '"0"' },
    error: "PreconditionFailed",
  },
  { call: "s3.GetObject", title: "of an unknown key", input: { Bucket: "archive", Key: "z" }, error: "NoSuchKey" },
  {
    call: "s3.GetObject",
    title: "of an unknown bucket",
    input: { Bucket: "unknown", Key: "z" },
    error: "NoSuchBucket",
  },
  { call: "s3.HeadObject", input: { Bucket: "archive", Key: "b.txt" }, output: { ContentLength: 1 } },
  { call: "s3.HeadObject", title: "of an unknown key", input: { Bucket: "archive", Key: "z" }, error: "404" },
  {
    call: "s3.CopyObject",
    input: { Bucket: "archive", Key: "c.txt", CopySource: "archive/b.txt" },
    output: { CopyObjectResult: { ETag: '"92eb5ffee6ae2fec3ad71c777531578f"' } },
  },
  {
    call: "s3.ListObjectsV2",
    input: { Bucket: "archive", Delimiter: "/" },
    output: { Contents: [{ Key: "b.txt" }, { Key: "c.txt" }], CommonPrefixes: [{ Prefix: "a/" }], KeyCount: 3 },
  },
  {
    call: "s3.ListObjectsV2",
    title: "of a page",
    input: { Bucket: "archive", MaxKeys: 1 },
    output: { Contents: [{ Key: "a/é +&.txt" }], IsTruncated: true },
  },
  { call: "s3.ListObjects", input: { Bucket: "archive", Prefix: "b" }, output: { Contents: [{ Key: "b.txt" }] } },
  {
    call: "s3.CreateMultipartUpload",
    input: { Bucket: "archive", Key: "parts" },
    saves: { upload: "UploadId" },
  },
  {
    call: "s3.UploadPart",
    input: { Bucket: "archive", Key: "parts", UploadId: "$upload", PartNumber: 1, Body: PART },
    saves: { part1: "ETag" },
  },
  {
    call: "s3.UploadPart",
    title: "of the last part",
    input: { Bucket: "archive", Key: "parts", UploadId: "$upload", PartNumber: 2, Body: "end" },
    saves: { part2: "ETag" },
  },
  {
    call: "s3.ListParts",
    input: { Bucket: "archive", Key: "parts", UploadId: "$upload" },
    output: {
      Parts: [
        { PartNumber: 1, Size: PART.length },
        { PartNumber: 2, Size: 3 },
      ],
    },
  },
  { call: "s3.ListMultipartUploads", input: { Bucket: "archive" }, output: { Uploads: [{ Key: "parts" }] } },
  {
    call: "s3.CompleteMultipartUpload",
    input: {
      Bucket: "archive",
      Key: "parts",
      UploadId: "$upload",
      MultipartUpload: {
        Parts: [
          { ETag: "$part1", PartNumber: 1 },
          { ETag: "$part2", PartNumber: 2 },
        ],
      },
    },
    output: { ETag: expect.stringMatching(/-2"$/) },
  },
  {
    call: "s3.CompleteMultipartUpload",
    title: "of an unknown upload",
    input: {
      Bucket: "archive",
      Key: "parts",
      UploadId: "unknown",
      MultipartUpload: { Parts: [{ ETag: "$part1", PartNumber: 1 }] },
    },
    error: "NoSuchUpload",
  },
  {
    call: "s3.GetObject",
    title: "across two parts",
    input: { Bucket: "archive", Key: "parts", Range: "bytes=-4" },
    output: { Body: "xend" },
  },
  {
    call: "s3.CreateMultipartUpload",
    title: "to abort",
    input: { Bucket: "archive", Key: "q" },
    saves: { upload: "UploadId" },
  },
  {
    call: "s3.UploadPartCopy",
    input: { Bucket: "archive", Key: "q", UploadId: "$upload", PartNumber: 1, CopySource: "archive/b.txt" },
    output: { CopyPartResult: { ETag: '"92eb5ffee6ae2fec3ad71c777531578f"' } },
  },
  { call: "s3.AbortMultipartUpload", input: { Bucket: "archive", Key: "q", UploadId: "$upload" } },
  { call: "s3.UploadFile", title: "of 20 MB", input: { Filename: "$folder/20MB", Bucket: "archive", Key: "20MB" } },
  {
    call: "s3.HeadObject",
    title: "of 20 MB",
    input: { Bucket: "archive", Key: "20MB" },
    output: { ContentLength: 20_000_000 },
  },
  { call: "s3.DownloadFile", title: "of 20 MB", input: { Filename: "$folder/copy", Bucket: "archive", Key: "20MB" } },
  {
    call: "s3.PutBucketVersioning",
    input: { Bucket: "archive", VersioningConfiguration: { Status: "Enabled" } },
  },
  { call: "s3.GetBucketVersioning", input: { Bucket: "archive" }, output: { Status: "Enabled" } },
  {
    call: "s3.PutObject",
    title: "as a version",
    input: { Bucket: "archive", Key: "v", Body: "1" },
    saves: { version: "VersionId" },
  },
  { call: "s3.PutObject", title: "as a second version", input: { Bucket: "archive", Key: "v", Body: "2" } },
  {
    call: "s3.GetObject",
    title: "of a version",
    input: { Bucket: "archive", Key: "v", VersionId: "$version" },
    output: { Body: "1" },
  },
  { call: "s3.DeleteObject", input: { Bucket: "archive", Key: "v" }, output: { DeleteMarker: true } },
  {
    call: "s3.ListObjectVersions",
    input: { Bucket: "archive", Prefix: "v" },
    output: { Versions: [{ IsLatest: false }, { VersionId: "$version" }], DeleteMarkers: [{ IsLatest: true }] },
  },
  {
    call: "s3.DeleteObjects",
    input: { Bucket: "archive", Delete: { Objects: [{ Key: "b.txt" }, { Key: "unknown" }] } },
    output: { Deleted: [{ Key: "b.txt" }, { Key: "unknown" }] },
  },
  { call: "s3.DeleteBucket", input: { Bucket: "archive" }, error: "BucketNotEmpty" },
];

const DYNAMODB: readonly Call[] = [
  {
    call: "dynamodb.CreateTable",
    input: {
      TableName: "events",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      BillingMode: "PAY_PER_REQUEST",
    },
    output: { TableDescription: { TableName: "events" } },
  },
  { call: "dynamodb.ListTables", output: { TableNames: ["events"] } },
  { call: "dynamodb.PutItem", input: { TableName: "events", Item: { ...EVENT, n: { N: "1" } } } },
  { call: "dynamodb.DescribeTable", input: { TableName: "events" }, output: { Table: { TableStatus: "ACTIVE" } } },
  {
    call: "dynamodb.PutItem",
    title: "if absent",
    input: { TableName: "events", Item: EVENT, ConditionExpression: "attribute_not_exists(pk)" },
    error: "ConditionalCheckFailedException",
  },
  {
    call: "dynamodb.UpdateItem",
    input: {
      TableName: "events",
      Key: EVENT,
      UpdateExpression: "ADD n :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "ALL_NEW",
    },
    output: { Attributes: { n: { N: "2" } } },
  },
  { call: "dynamodb.GetItem", input: { TableName: "events", Key: EVENT }, output: { Item: { n: { N: "2" } } } },
  {
    call: "dynamodb.GetItem",
    title: "with the wrong key",
    input: { TableName: "events", Key: { pk: { S: "1" } } },
    error: "ValidationException",
  },
  {
    call: "dynamodb.GetItem",
    title: "of an unknown table",
    input: { TableName: "unknown", Key: EVENT },
    error: "ResourceNotFoundException",
  },
  {
    call: "dynamodb.BatchWriteItem",
    input: { RequestItems: { events: [{ PutRequest: { Item: { ...EVENT, sk: { S: "v2" } } } }] } },
    output: { UnprocessedItems: {} },
  },
  {
    call: "dynamodb.BatchGetItem",
    input: { RequestItems: { events: { Keys: [EVENT] } } },
    output: { Responses: { events: [{ n: { N: "2" } }] } },
  },
  {
    call: "dynamodb.Query",
    input: {
      TableName: "events",
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :v)",
      ExpressionAttributeValues: { ":pk": { S: "event#1" }, ":v": { S: "v" } },
      ScanIndexForward: false,
      Limit: 1,
    },
    output: { Items: [{ sk: { S: "v2" } }], LastEvaluatedKey: { sk: { S: "v2" } } },
  },
  { call: "dynamodb.Scan", input: { TableName: "events" }, output: { Count: 2 } },
  {
    call: "dynamodb.TransactWriteItems",
    input: {
      TransactItems: [
        { Put: { TableName: "events", Item: { ...EVENT, sk: { S: "v3" } } } },
        { Delete: { TableName: "events", Key: { ...EVENT, sk: { S: "v2" } } } },
      ],
    },
  },
  {
    call: "dynamodb.TransactWriteItems",
    title: "with a condition that fails",
    input: {
      TransactItems: [
        { Put: { TableName: "events", Item: EVENT, ConditionExpression: "attribute_not_exists(pk)" } },
        { Delete: { TableName: "events", Key: { ...EVENT, sk: { S: "v3" } } } },
      ],
    },
    error: "TransactionCanceledException",
  },
  {
    call: "dynamodb.TransactGetItems",
    input: { TransactItems: [{ Get: { TableName: "events", Key: { ...EVENT, sk: { S: "v3" } } } }] },
    output: { Responses: [{ Item: { sk: { S: "v3" } } }] },
  },
  {
    call: "dynamodb.UpdateTimeToLive",
    input: { TableName: "events", TimeToLiveSpecification: { Enabled: true, AttributeName: "expires_at" } },
  },
  {
    call: "dynamodb.DescribeTimeToLive",
    input: { TableName: "events" },
    output: { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED" } },
  },
  {
    call: "dynamodb.PutItem",
    title: "with 33 levels",
    input: { TableName: "events", Item: { ...EVENT, deep: nested(33) } },
    error: "ValidationException",
  },
  { call: "dynamodb.DeleteItem", input: { TableName: "events", Key: EVENT } },
  { call: "dynamodb.DeleteTable", input: { TableName: "events" } },
];

const FIREHOSE: readonly Call[] = [
  {
    call: "iam.CreateRole",
    input: { RoleName: "delivery", AssumeRolePolicyDocument: TRUST },
    output: { Role: { RoleName: "delivery" } },
    saves: { role: "Role.Arn" },
  },
  {
    call: "iam.CreateRole",
    title: "again",
    input: { RoleName: "delivery", AssumeRolePolicyDocument: TRUST },
    error: "EntityAlreadyExists",
  },
  { call: "iam.GetRole", input: { RoleName: "delivery" }, output: { Role: { Arn: "$role" } } },
  { call: "iam.GetRole", title: "of an unknown role", input: { RoleName: "unknown" }, error: "NoSuchEntity" },
  { call: "iam.PutRolePolicy", input: { RoleName: "delivery", PolicyName: "s3", PolicyDocument: POLICY } },
  {
    call: "iam.GetRolePolicy",
    input: { RoleName: "delivery", PolicyName: "s3" },
    output: { PolicyDocument: JSON.parse(POLICY) },
  },
  { call: "iam.ListRolePolicies", input: { RoleName: "delivery" }, output: { PolicyNames: ["s3"] } },
  { call: "iam.ListRoles", output: { Roles: [{ RoleName: "delivery" }] } },
  {
    call: "firehose.CreateDeliveryStream",
    input: {
      DeliveryStreamName: "archive",
      ExtendedS3DestinationConfiguration: { RoleARN: "$role", BucketARN: "arn:aws:s3:::archive" },
    },
    output: { DeliveryStreamARN: "arn:aws:firehose:us-east-1:000000000000:deliverystream/archive" },
  },
  {
    call: "firehose.DescribeDeliveryStream",
    input: { DeliveryStreamName: "archive" },
    output: { DeliveryStreamDescription: { DeliveryStreamStatus: "ACTIVE" } },
  },
  { call: "firehose.ListDeliveryStreams", output: { DeliveryStreamNames: ["archive"] } },
  {
    call: "firehose.PutRecord",
    input: { DeliveryStreamName: "archive", Record: { Data: "one 🙂\n" } },
    output: { RecordId: expect.any(String) },
  },
  {
    call: "firehose.PutRecordBatch",
    input: { DeliveryStreamName: "archive", Records: [{ Data: "two\n" }] },
    output: { FailedPutCount: 0 },
  },
  {
    call: "firehose.PutRecord",
    title: "to an unknown stream",
    input: { DeliveryStreamName: "unknown", Record: { Data: "1" } },
    error: "ResourceNotFoundException",
  },
  { call: "firehose.DeleteDeliveryStream", input: { DeliveryStreamName: "archive" } },
  { call: "iam.DeleteRole", title: "with a policy", input: { RoleName: "delivery" }, error: "DeleteConflict" },
  { call: "iam.DeleteRolePolicy", input: { RoleName: "delivery", PolicyName: "s3" } },
  { call: "iam.DeleteRole", input: { RoleName: "delivery" } },
];

const MONITORING: readonly Call[] = [
  {
    call: "cloudwatch.PutMetricData",
    input: {
      Namespace: "Events",
      MetricData: [{ MetricName: "Written", Value: 3, Unit: "Count", Dimensions: [{ Name: "stage", Value: "test" }] }],
    },
  },
  { call: "cloudwatch.ListMetrics", input: { Namespace: "Events" }, output: { Metrics: [{ MetricName: "Written" }] } },
  {
    call: "cloudwatch.GetMetricData",
    input: {
      StartTime: "$hourAgo",
      EndTime: "$hourAhead",
      MetricDataQueries: [
        {
          Id: "written",
          MetricStat: {
            Metric: { Namespace: "Events", MetricName: "Written", Dimensions: [{ Name: "stage", Value: "test" }] },
            Period: 86_400,
            Stat: "Sum",
          },
        },
      ],
    },
    output: { MetricDataResults: [{ Id: "written", Values: [3] }] },
  },
  { call: "logs.DescribeLogGroups", title: "of none", output: { logGroups: [] } },
  {
    call: "logs.FilterLogEvents",
    title: "of an unknown group",
    input: { logGroupName: "unknown" },
    error: "ResourceNotFoundException",
  },
  {
    call: "logs.DescribeLogStreams",
    title: "of an unknown group",
    input: { logGroupName: "unknown" },
    error: "ResourceNotFoundException",
  },
  { call: "logs.CreateLogGroup", input: { logGroupName: "events" } },
  {
    call: "logs.CreateLogGroup",
    title: "again",
    input: { logGroupName: "events" },
    error: "ResourceAlreadyExistsException",
  },
  { call: "logs.DescribeLogGroups", output: { logGroups: [{ logGroupName: "events" }] } },
  { call: "logs.DescribeLogStreams", input: { logGroupName: "events" }, output: { logStreams: [] } },
  { call: "logs.FilterLogEvents", input: { logGroupName: "events" }, output: { events: [] } },
  { call: "logs.DeleteLogGroup", input: { logGroupName: "events" } },
  { call: "lambda.ListFunctions", output: { Functions: [] } },
  { call: "lambda.ListEventSourceMappings", output: { EventSourceMappings: [] } },
  {
    call: "lambda.GetFunction",
    input: { FunctionName: "unknown" },
    error: "ResourceNotFoundException",
  },
  {
    call: "lambda.Invoke",
    title: "of an unknown function",
    input: { FunctionName: "unknown", Payload: "{}" },
    error: "ResourceNotFoundException",
  },
  {
    call: "kms.CreateKey",
    input: { Policy: KEY_POLICY },
    saves: { key: "KeyMetadata.KeyId" },
    output: { KeyMetadata: { Enabled: true } },
  },
  { call: "kms.DescribeKey", input: { KeyId: "$key" }, output: { KeyMetadata: { KeyId: "$key" } } },
  { call: "kms.ListKeys", output: { Keys: [{ KeyId: "$key" }] } },
  { call: "kms.GetKeyPolicy", input: { KeyId: "$key", PolicyName: "default" }, output: { Policy: KEY_POLICY } },
  { call: "kms.PutKeyPolicy", input: { KeyId: "$key", PolicyName: "default", Policy: KEY_POLICY } },
  {
    call: "kms.DescribeKey",
    title: "of an unknown key",
    input: { KeyId: "alias/unknown" },
    error: "NotFoundException",
  },
];

/** Unsupported operations, in three formats of errors. */
export const UNSUPPORTED: readonly Call[] = [
  {
    call: "logs.PutResourcePolicy",
    input: { policyName: "p", policyDocument: POLICY },
    error: "UnknownOperationException",
  },
  { call: "iam.ListGroups", error: "InvalidAction" },
  { call: "s3.GetBucketCors", input: { Bucket: "archive" }, error: "NotImplemented" },
];

/** The calls in the order in which they are made. */
export const CALLS: readonly Call[] = [
  ...STS,
  ...SQS,
  ...SNS,
  ...S3,
  ...DYNAMODB,
  ...FIREHOSE,
  ...MONITORING,
  ...UNSUPPORTED,
];
