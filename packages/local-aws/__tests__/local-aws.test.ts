import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { clientsFor } from "../clients";

let run: LocalRun;

beforeAll(async () => {
  run = await LocalRun.start();
});

afterAll(async () => {
  expect(await run.stop("SIGTERM")).toBe(0);
});

test("survives a client that disconnects in the middle of a DynamoDB request", async () => {
  const { port, hostname } = new URL(run.ready.endpoint);
  const head =
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.Scan\r\nContent-Length: 99\r\n\r\n";
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${head}{"Tab`, () => socket.destroy()));
    socket.once("close", resolve);
  });
  const { TableNames } = await run.clients.dynamodb.send(new ListTablesCommand({}));
  expect(TableNames).toEqual(["local-events"]);
});

test("responds with 413 to a body above DynamoDB's limit of 16 MiB", async () => {
  const response = await fetch(run.ready.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "DynamoDB_20120810.PutItem" },
    body: "x".repeat(20 * 1024 * 1024),
  });
  expect(response.status).toBe(413);
});

test("listens on the loopback interface only", async () => {
  const { port } = new URL(run.ready.endpoint);
  const outside = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address?.family === "IPv4" && !address.internal);
  for (const address of outside) {
    const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
      const socket = connect(Number(port), address?.address, () => reject(new Error("connected")));
      socket.once("error", resolve);
    });
    expect(error.code).toBe("ECONNREFUSED");
  }
  expect(run.ready.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
});

test("returns queue URLs with the local run's endpoint", async () => {
  const { QueueUrl } = await run.clients.sqs.send(new GetQueueUrlCommand({ QueueName: "local-events-dlq" }));
  expect(QueueUrl).toBe(`${run.ready.endpoint}/000000000000/local-events-dlq`);
  const { QueueUrls } = await run.clients.sqs.send(new ListQueuesCommand({}));
  expect(QueueUrls?.every((url) => url.startsWith(run.ready.endpoint))).toBe(true);
});

test("prints no warning when many clients poll", async () => {
  const poll = new ReceiveMessageCommand({ QueueUrl: run.output("dlq_url"), WaitTimeSeconds: 1 });
  await Promise.all(Array.from({ length: 20 }, () => run.clients.sqs.send(poll)));
  expect(run.stderr).not.toContain("Warning");
});

test("SendMessage accepts characters above U+FFFF, as SQS does", async () => {
  const QueueUrl = run.output("dlq_url");
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "found 🐛" }));
  const { Messages } = await run.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.[0]?.Body).toBe("found 🐛");
});

test("SendMessage rejects characters that SQS rejects", async () => {
  const command = new SendMessageCommand({ QueueUrl: run.output("dlq_url"), MessageBody: "\u0000" });
  await expect(run.clients.sqs.send(command)).rejects.toThrow(/Invalid/i);
});

/** Sends exactly these headers, as a browser could. `fetch` would not allow all of them. */
async function post(headers: Readonly<Record<string, string>>, body: string) {
  const { hostname, port } = new URL(run.ready.endpoint);
  return new Promise<{ status: number | undefined; headers: object; text: string }>((resolve, reject) => {
    const sent = request({ hostname, port, method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.once("error", reject).end(body);
  });
}

test("rejects a form from another site, and deletes no topic", async () => {
  const TopicArn = run.output("topic_arn");
  const form = new URLSearchParams({ Action: "DeleteTopic", TopicArn }).toString();
  const type = { "content-type": "application/x-www-form-urlencoded" };
  for (const Origin of ["https://example.com", "null", "http://localhost.example.com", "http://127.0.0.1.nip.io"]) {
    const { status, text } = await post({ ...type, Origin }, form);
    expect(status).toBe(403);
    expect(text).toContain(`Origin &quot;${Origin}&quot;`);
  }
  const { Topics } = await run.clients.sns.send(new ListTopicsCommand({}));
  expect(Topics?.map((topic) => topic.TopicArn)).toContain(TopicArn);
});

test("rejects a DNS name that resolves to 127.0.0.1, and adds no CORS header", async () => {
  const target = { "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" };
  const { status, headers, text } = await post({ ...target, Host: "rebound.example.com:4566" }, "{}");
  expect(status).toBe(403);
  expect(JSON.parse(text).message).toContain('Host "rebound.example.com:4566"');
  expect(headers).not.toHaveProperty("access-control-allow-origin");
});

test("rejects a request that is signed for another region, and names its own region", async () => {
  const { endpoint } = run.ready;
  const abroad = clientsFor(endpoint, "eu-west-1");
  await expect(abroad.dynamodb.send(new ListTablesCommand({}))).rejects.toThrow(
    "signed for eu-west-1, but the local run is in us-east-1: set AWS_REGION=us-east-1",
  );
});
