// Tests the protocol of older clients. `npm run test:docs` uses such a client only if it is installed.
import { request } from "node:http";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { createQueue } from "@event-pipeline/testing/queues";
import { type StartedSqs, startSqs } from "./start-sqs";

const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=00";

let started: StartedSqs;
let queueUrl: string;

beforeAll(async () => {
  started = await startSqs();
  const { body } = await post({
    Action: "CreateQueue",
    QueueName: "old",
    "Attribute.1.Name": "VisibilityTimeout",
    "Attribute.1.Value": "5",
    "Tag.1.Key": "a",
    "Tag.1.Value": "b",
  });
  queueUrl = elementsOf(body, "QueueUrl")[0] ?? "";
});

afterAll(() => started.stop());

async function post(parameters: Record<string, string>, url = started.endpoint) {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: AUTHORIZATION },
    body: new URLSearchParams({ Version: "2012-11-05", ...parameters }),
  });
  expect(response.headers.get("content-type")).toBe("text/xml");
  return { status: response.status, body: await response.text() };
}

function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, content = ""]) => content);
}

test("creates a queue with attributes and tags", async () => {
  expect(queueUrl).toBe(`${started.endpoint}/000000000000/old`);
  const tags = await post({ Action: "ListQueueTags", QueueUrl: queueUrl });
  expect(elementsOf(tags.body, "Tag")).toEqual(["<Key>a</Key><Value>b</Value>"]);
  // Older clients send requests to the queue's URL.
  const attributes = await post({ Action: "GetQueueAttributes", "AttributeName.1": "VisibilityTimeout" }, queueUrl);
  expect(elementsOf(attributes.body, "Attribute")).toEqual(["<Name>VisibilityTimeout</Name><Value>5</Value>"]);
});

test("sends a message, receives it with the requested attributes, and deletes it", async () => {
  const MessageBody = '{"a":"<é🐛>&\\r\\n"}';
  const sent = await post({
    Action: "SendMessage",
    QueueUrl: queueUrl,
    MessageBody,
    "MessageAttribute.1.Name": "x",
    "MessageAttribute.1.Value.DataType": "String",
    "MessageAttribute.1.Value.StringValue": "1 + 2",
    "MessageAttribute.2.Name": "y",
    "MessageAttribute.2.Value.DataType": "Binary",
    "MessageAttribute.2.Value.BinaryValue": "AP8=",
  });
  expect(sent.status).toBe(200);
  const asked = { QueueUrl: queueUrl, MessageAttributeNames: ["All"], VisibilityTimeout: 0 };
  const { Messages } = await started.clients.json.send(new ReceiveMessageCommand(asked));
  expect(Messages?.[0]).toMatchObject({
    Body: MessageBody,
    MessageAttributes: { x: { StringValue: "1 + 2" }, y: { BinaryValue: new Uint8Array([0, 255]) } },
    MD5OfMessageAttributes: elementsOf(sent.body, "MD5OfMessageAttributes")[0],
  });

  const { body } = await post({
    Action: "ReceiveMessage",
    QueueUrl: queueUrl,
    "MessageAttributeName.1": "x",
    "AttributeName.1": "ApproximateReceiveCount",
    MaxNumberOfMessages: "10",
  });
  expect(elementsOf(body, "Message")).toHaveLength(1);
  expect(elementsOf(body, "Attribute")).toEqual(["<Name>ApproximateReceiveCount</Name><Value>2</Value>"]);
  expect(elementsOf(body, "MessageAttribute")).toEqual([
    "<Name>x</Name><Value><DataType>String</DataType><StringValue>1 + 2</StringValue></Value>",
  ]);
  expect(body).toContain("&lt;é🐛&gt;");
  const [ReceiptHandle = ""] = elementsOf(body, "ReceiptHandle");
  await post({ Action: "DeleteMessage", QueueUrl: queueUrl, ReceiptHandle });
  const { Messages: left } = await started.clients.json.send(new ReceiveMessageCommand(asked));
  expect(left).toBeUndefined();
});

test("accepts the valid entries of a batch and rejects the others", async () => {
  const { body } = await post({
    Action: "SendMessageBatch",
    QueueUrl: queueUrl,
    "SendMessageBatchRequestEntry.2.Id": "late",
    "SendMessageBatchRequestEntry.2.MessageBody": "m",
    "SendMessageBatchRequestEntry.2.DelaySeconds": "901",
    "SendMessageBatchRequestEntry.1.Id": "good",
    "SendMessageBatchRequestEntry.1.MessageBody": "m",
  });
  expect(elementsOf(elementsOf(body, "SendMessageBatchResultEntry").join(), "Id")).toEqual(["good"]);
  expect(elementsOf(elementsOf(body, "BatchResultErrorEntry").join(), "Id")).toEqual(["late"]);
});

test.each([
  [
    "for another value",
    { Action: "CreateQueue", QueueName: "old", "Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "9" },
    400,
    "QueueAlreadyExists",
  ],
  [
    "for a nonsense handle",
    { Action: "ChangeMessageVisibility", ReceiptHandle: "x", VisibilityTimeout: "1" },
    404,
    "ReceiptHandleIsInvalid",
  ],
  ["for a missing queue", { Action: "PurgeQueue", QueueUrl: "x" }, 400, "AWS.SimpleQueueService.NonExistentQueue"],
  [
    "with text instead of a number",
    { Action: "ReceiveMessage", MaxNumberOfMessages: "many" },
    400,
    "SerializationException",
  ],
  ["with an unsupported action", { Action: "AddPermission", Label: "x" }, 501, "InvalidAction"],
  ["without an action", {}, 501, "InvalidAction"],
])("rejects a request %s with an XML error", async (_what, parameters, status, code) => {
  const response = await post({ QueueUrl: queueUrl, ...parameters });
  expect([response.status, ...elementsOf(response.body, "Code")]).toEqual([status, code]);
});

test("ends a long poll when a message arrives", async () => {
  const { url } = await createQueue(started.clients.json, "polled");
  const received = post({ Action: "ReceiveMessage", QueueUrl: url, WaitTimeSeconds: "20" });
  await started.clients.json.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "came" }));
  expect(elementsOf((await received).body, "Body")).toEqual(["came"]);
});

test.each([
  ["GET", {}],
  ["GET", { "content-length": "0" }],
  ["POST", {}],
  ["POST", { "content-length": "0" }],
])("accepts %s with all parameters in the URL, and the headers %j", async (method, headers) => {
  const query = "Action=GetQueueAttributes&Version=2012-11-05&AttributeName.1=QueueArn";
  const { hostname, port, pathname } = new URL(queueUrl);
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request({ hostname, port, path: `${pathname}?${query}`, method, headers }, async (response) => {
      resolve(String(await response.toArray().then((chunks) => Buffer.concat(chunks))));
    });
    sent.once("error", reject).end();
  });
  expect(elementsOf(text, "Value")).toEqual(["arn:aws:sqs:us-east-1:000000000000:old"]);
});

test("takes X-Ray's trace header of the HTTP request, unless the message has one", async () => {
  const trace = {
    "MessageSystemAttribute.1.Name": "AWSTraceHeader",
    "MessageSystemAttribute.1.Value.DataType": "String",
  };
  const { url } = await createQueue(started.clients.json, "traced");
  const own = { ...trace, "MessageSystemAttribute.1.Value.StringValue": "Root=own" };
  for (const [parameters, expected] of [
    [{}, "Root=request"],
    [own, "Root=own"],
  ] as const) {
    await fetch(url, {
      method: "POST",
      headers: { authorization: AUTHORIZATION, "x-amzn-trace-id": "Root=request" },
      body: new URLSearchParams({ Action: "SendMessage", Version: "2012-11-05", MessageBody: "m", ...parameters }),
    });
    const { body } = await post({ Action: "ReceiveMessage", "AttributeName.1": "AWSTraceHeader" }, url);
    expect(elementsOf(body, "Attribute")).toEqual([`<Name>AWSTraceHeader</Name><Value>${expected}</Value>`]);
  }
});

test("names a queue by the path of a URL with another host or port of this machine", async () => {
  for (const host of ["http://localhost:1", "https://127.0.0.1", "http://[::1]:4566"]) {
    const { status } = await post({ Action: "PurgeQueue", QueueUrl: `${host}/000000000000/old` });
    expect(status).toBe(200);
  }
  for (const url of ["https://sqs.us-east-1.amazonaws.com/000000000000/old", "http://localhost:1/111111111111/old"]) {
    const { status, body } = await post({ Action: "PurgeQueue", QueueUrl: url });
    expect([status, ...elementsOf(body, "Code")]).toEqual([400, "AWS.SimpleQueueService.NonExistentQueue"]);
  }
});
