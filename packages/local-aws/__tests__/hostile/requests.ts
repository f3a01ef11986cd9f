import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { mutated } from "./mutated";

/** An HTTP request that may be malformed. */
export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Resources that the requests use. They are not the pipeline's resources, because valid requests take effect. */
export interface Scratch {
  readonly queueUrl: string;
  readonly topicArn: string;
  readonly tableName: string;
  readonly bucket: string;
}

/** Returns an `Authorization` header, from which the gateway determines the service. */
const signedFor = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:scratch";

const key = { event_type: { S: "a" }, timestamp_id: { S: "b" } };

const dynamodbBodies = (TableName: string): Record<string, object> => ({
  BatchGetItem: { RequestItems: { [TableName]: { Keys: [key] } } },
  BatchWriteItem: {
    RequestItems: { [TableName]: [{ PutRequest: { Item: { ...key, data: { M: { a: { L: [] } } } } } }] },
  },
  CreateTable: {
    TableName: `${TableName}-2`,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  },
  DeleteItem: { TableName, Key: key, ConditionExpression: "a = :a", ExpressionAttributeValues: { ":a": { S: "x" } } },
  DeleteTable: { TableName: `${TableName}-2` },
  DescribeTable: { TableName },
  DescribeTimeToLive: { TableName },
  GetItem: { TableName, Key: key, ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "data" } },
  ListTables: { Limit: 10, ExclusiveStartTableName: "abc" },
  ListTagsOfResource: { ResourceArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}` },
  PutItem: { TableName, Item: { ...key, n: { N: "1" }, s: { SS: ["x"] } }, ReturnValues: "ALL_OLD" },
  Query: {
    TableName,
    KeyConditionExpression: "event_type = :t AND begins_with(timestamp_id, :p)",
    FilterExpression: "size(#d) > :n",
    ExpressionAttributeNames: { "#d": "data" },
    ExpressionAttributeValues: { ":t": { S: "a" }, ":p": { S: "b" }, ":n": { N: "1" } },
    ExclusiveStartKey: key,
  },
  Scan: { TableName, Limit: 5, ScanFilter: { n: { ComparisonOperator: "GT", AttributeValueList: [{ N: "0" }] } } },
  TagResource: { ResourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/x", Tags: [{ Key: "a", Value: "b" }] },
  UntagResource: { ResourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/x", TagKeys: ["a"] },
  UpdateItem: {
    TableName,
    Key: key,
    UpdateExpression: "SET #d.a[0] = if_not_exists(n, :n) + :n",
    ExpressionAttributeNames: { "#d": "data" },
    ExpressionAttributeValues: { ":n": { N: "1" } },
  },
  UpdateTable: { TableName: `${TableName}-2`, BillingMode: "PAY_PER_REQUEST" },
  NoSuchAction: {},
});

const sqsBodies = (QueueUrl: string): Record<string, object> => ({
  ChangeMessageVisibility: { QueueUrl, ReceiptHandle: "x", VisibilityTimeout: 1 },
  ChangeMessageVisibilityBatch: { QueueUrl, Entries: [{ Id: "a", ReceiptHandle: "x", VisibilityTimeout: 1 }] },
  CreateQueue: { QueueName: "scratch-2", Attributes: { VisibilityTimeout: "30" }, tags: { a: "b" } },
  DeleteMessage: { QueueUrl, ReceiptHandle: "x" },
  DeleteMessageBatch: { QueueUrl, Entries: [{ Id: "a", ReceiptHandle: "x" }] },
  GetQueueAttributes: { QueueUrl, AttributeNames: ["All"] },
  GetQueueUrl: { QueueName: "scratch" },
  ListQueues: { QueueNamePrefix: "s", MaxResults: 10 },
  PurgeQueue: { QueueUrl },
  ReceiveMessage: { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0, MessageAttributeNames: ["All"] },
  SendMessage: { QueueUrl, MessageBody: "m", MessageAttributes: { a: { DataType: "String", StringValue: "v" } } },
  SendMessageBatch: { QueueUrl, Entries: [{ Id: "a", MessageBody: "m", DelaySeconds: 0 }] },
  SetQueueAttributes: { QueueUrl, Attributes: { VisibilityTimeout: "30", RedrivePolicy: "" } },
  TagQueue: { QueueUrl, Tags: { a: "b" } },
  UntagQueue: { QueueUrl, TagKeys: ["a"] },
  StartMessageMoveTask: { SourceArn: QUEUE_ARN, DestinationArn: QUEUE_ARN, MaxNumberOfMessagesPerSecond: 1 },
  ListMessageMoveTasks: { SourceArn: QUEUE_ARN, MaxResults: 10 },
  CancelMessageMoveTask: { TaskHandle: "x" },
  NoSuchAction: {},
});

const logsBodies: Record<string, object> = {
  FilterLogEvents: {
    logGroupName: "/aws/lambda/local-event-processor",
    logStreamNames: ["x"],
    startTime: 1,
    endTime: 2,
    filterPattern: '{ $.level = "ERROR" }',
    limit: 1,
    nextToken: "after-1",
  },
  DescribeLogGroups: { logGroupNamePrefix: "/aws", limit: 1, nextToken: "x" },
  NoSuchAction: {},
};

/** Generates `usual` in nine of ten cases. */
const mostly = (usual: string, ...others: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Generates mutated JSON, random text or truncated JSON. */
const bodyOf = (body: object): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: mutated(body) },
    { weight: 1, arbitrary: unicodeText() },
    { weight: 1, arbitrary: fc.constant(JSON.stringify(body).slice(0, -1)) },
  );

const json = (service: string, bodies: Record<string, object>, type: string): fc.Arbitrary<HostileRequest> =>
  fc.constantFrom(...Object.entries(bodies)).chain(([action, body]) =>
    fc
      .record({
        // The gateway rejects most other methods and targets, but many requests should reach the emulators.
        method: mostly("POST", "GET", "PUT", "OPTIONS"),
        type: fc.constantFrom(type, type, type, "text/plain", "application/json; charset=x"),
        target: mostly(`${service}.${action}`, `${service}.`, `${service}..${action}`),
        text: bodyOf(body),
      })
      .map(({ method, type: contentType, target, text }) => ({
        method,
        path: "/",
        headers: { "content-type": contentType, "x-amz-target": target, authorization: signedFor("any") },
        body: text,
      })),
  );

const SNS_ACTIONS = [
  ..."Publish PublishBatch Subscribe Unsubscribe GetTopicAttributes SetTopicAttributes ListTopics".split(" "),
  ..."ConfirmSubscription GetSubscriptionAttributes SetSubscriptionAttributes TagResource NoSuchAction".split(" "),
];

const sns = (topicArn: string): fc.Arbitrary<HostileRequest> => {
  const name = fc.constantFrom(
    ..."TopicArn Message Subject Name Protocol Endpoint AttributeName AttributeValue SubscriptionArn NextToken".split(
      " ",
    ),
    ..."Attributes.entry.1.key Attributes.entry.1.value MessageAttributes.entry.1.Name ResourceArn __proto__".split(
      " ",
    ),
    ..."MessageAttributes.entry.1.Value.DataType PublishBatchRequestEntries.member.1.Id".split(" "),
    ..."PublishBatchRequestEntries.member.1.Message PublishBatchRequestEntries.member.x.Message".split(" "),
  );
  const value = fc.oneof(fc.string(), fc.constantFrom(topicArn, "sqs", "FilterPolicy", '{"a":', "[]", "null", "{}"));
  return fc
    .tuple(fc.constantFrom(...SNS_ACTIONS), fc.array(fc.tuple(name, value), { maxLength: 6 }))
    .map(([action, pairs]) => ({
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-www-form-urlencoded", authorization: signedFor("sns") },
      body: new URLSearchParams([["Action", action], ["TopicArn", topicArn], ...pairs]).toString(),
    }));
};

const s3 = (bucket: string): fc.Arbitrary<HostileRequest> =>
  fc
    .record({
      method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE"),
      path: fc.oneof(
        fc.constantFrom("/%", "//", "/../..", "/%00", `/${bucket}`, `/${bucket}/`, `/${"x".repeat(3_000)}`, "*", "/?"),
        fc.webPath().map((path) => `/${bucket}/${path}`),
      ),
      query: fc.constantFrom("", "?uploads", "?uploadId=x&partNumber=0", "?list-type=2&max-keys=-1", "?delete", "?x=%"),
      headers: fc.dictionary(
        fc.constantFrom("range", "x-amz-copy-source", "if-none-match", "content-md5", "x-amz-content-sha256"),
        fc.constantFrom("bytes=9-1", "/no/such", "%", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "*", "x"),
      ),
      body: fc.oneof(fc.constantFrom("", "<Delete>", "<a/>", "ffffffff;chunk-signature=0\r\nx"), fc.string()),
    })
    .map(({ method, path, query, headers, body }) => ({
      method,
      path: path + query,
      headers: { ...headers, authorization: signedFor("s3") },
      body: ["GET", "HEAD", "TRACE", "OPTIONS"].includes(method) ? "" : body,
    }));

/** Generates mostly malformed requests to five services. */
export function hostileRequest({ queueUrl, topicArn, tableName, bucket }: Scratch): fc.Arbitrary<HostileRequest> {
  return fc.oneof(
    { weight: 5, arbitrary: json("DynamoDB_20120810", dynamodbBodies(tableName), "application/x-amz-json-1.0") },
    { weight: 4, arbitrary: json("AmazonSQS", sqsBodies(queueUrl), "application/x-amz-json-1.0") },
    { weight: 1, arbitrary: json("Logs_20140328", logsBodies, "application/x-amz-json-1.1") },
    { weight: 2, arbitrary: sns(topicArn) },
    { weight: 2, arbitrary: s3(bucket) },
  );
}
