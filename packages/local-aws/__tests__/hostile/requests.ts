import { unicodeText } from "@event-pipeline/testing/unicode-text";
import fc from "fast-check";
import { SERVICES } from "../../services";
import { fullInput } from "../contract/inputs";
import { signedFor } from "../gateway/raw";
import { deepRequest, formOf, mutatedCbor, mutatedXml } from "./deep";
import { mutated } from "./mutated";
import type { HostileRequest } from "./send";

/** Resources that the requests use, because valid requests take effect. */
export interface Scratch {
  readonly queueUrl: string;
  readonly topicArn: string;
  readonly tableName: string;
  readonly bucket: string;
}

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

/** Generates mutations of the full input of any action that is not a REST service's. */
const anyAction: fc.Arbitrary<HostileRequest> = fc
  .constantFrom(
    ...SERVICES.flatMap((definition) =>
      definition.protocols.flatMap((protocol) =>
        Object.keys(definition.actions).flatMap((action) => {
          const { input } = definition.schemas.operations[action] ?? {};
          return input?.shape.type === "structure" && !protocol.startsWith("rest-")
            ? [{ definition, protocol, action, input: input.shape }]
            : [];
        }),
      ),
    ),
  )
  .chain(({ definition, protocol, action, input }): fc.Arbitrary<HostileRequest> => {
    const { targetPrefix, queryVersion, signingName } = definition;
    const authorization = signedFor(signingName);
    const target = `${targetPrefix}.${action}`;
    if (protocol === "cbor") {
      const headers = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", authorization };
      const path = `/service/${targetPrefix}/operation/${action}`;
      return mutatedCbor(fullInput(input)).map((body) => ({ method: "POST", path, headers, body }));
    }
    if (protocol === "json") {
      const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target, authorization };
      return bodyOf(fullInput(input)).map((body) => ({ method: "POST", path: "/", headers, body }));
    }
    const headers = { "content-type": "application/x-www-form-urlencoded", authorization };
    const form = formOf({ Action: action, Version: queryVersion, ...fullInput(input) });
    return form.map((body) => ({ method: "POST", path: "/", headers, body }));
  });

const lambda: fc.Arbitrary<HostileRequest> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD"),
    path: fc.constantFrom(
      "/2015-03-31/functions",
      "/2015-03-31/functions/local-event-processor/invocations",
      "/2015-03-31/functions/%/invocations",
      "/2015-03-31/functions/%FF/invocations?Qualifier=%",
      "/2015-03-31/event-source-mappings?FunctionName=&MaxItems=x",
      "/2015-03-31/event-source-mappings/__proto__",
      "/2017-03-31/tags/arn:aws:lambda",
    ),
    headers: fc.dictionary(
      fc.constantFrom("x-amz-invocation-type", "x-amz-log-type", "x-amz-client-context"),
      fc.constantFrom("Event", "DryRun", "x", "%"),
    ),
    body: fc.oneof(bodyOf({ FunctionName: "f", EventSourceArn: "a", BatchSize: 1, Enabled: true }), fc.string()),
  })
  .map(({ method, path, headers, body }) => ({
    method,
    path,
    headers: { ...headers, authorization: signedFor("lambda") },
    body: method === "GET" || method === "HEAD" ? "" : body,
  }));

/** Generates XML bodies for S3. */
const s3Xml = (bucket: string): fc.Arbitrary<HostileRequest> =>
  fc
    .record({ action: fc.constantFrom("?delete", "/key?uploadId=x", "?versioning", ""), body: mutatedXml })
    .map(({ action, body }) => ({
      method: action.includes("uploadId") || action === "?delete" ? "POST" : "PUT",
      path: `/${action === "" ? `${bucket}-2` : bucket}${action}`,
      headers: { authorization: signedFor("s3") },
      body,
    }));

/** Generates mostly malformed requests to all services. */
export function hostileRequest({ queueUrl, topicArn, tableName, bucket }: Scratch): fc.Arbitrary<HostileRequest> {
  return fc.oneof(
    { weight: 4, arbitrary: json("DynamoDB_20120810", dynamodbBodies(tableName), "application/x-amz-json-1.0") },
    { weight: 4, arbitrary: json("AmazonSQS", sqsBodies(queueUrl), "application/x-amz-json-1.0") },
    { weight: 1, arbitrary: json("Logs_20140328", logsBodies, "application/x-amz-json-1.1") },
    { weight: 5, arbitrary: anyAction },
    { weight: 2, arbitrary: sns(topicArn) },
    { weight: 2, arbitrary: s3(bucket) },
    { weight: 1, arbitrary: s3Xml(bucket) },
    { weight: 1, arbitrary: lambda },
    { weight: 1, arbitrary: deepRequest },
  );
}
