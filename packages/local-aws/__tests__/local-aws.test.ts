// The traps of embedding fauxqs and dynalite; each test is one that was fallen into.
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand, ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { LocalRun } from "@event-pipeline/testing/local-run";

let run: LocalRun;

beforeAll(async () => {
  run = await LocalRun.start();
});

afterAll(async () => {
  expect(await run.stop("SIGTERM")).toBe(0);
});

test("a client that hangs up in the middle of a DynamoDB request harms nobody", async () => {
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

test("a body of more than DynamoDB's 16 MiB gets an answer", async () => {
  const response = await fetch(run.ready.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "DynamoDB_20120810.PutItem" },
    body: "x".repeat(20 * 1024 * 1024),
  });
  expect(response.status).toBe(413);
});

test("nothing listens beyond the loopback interface", async () => {
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

test("QueueUrls are ones that the client can reach", async () => {
  const { QueueUrl } = await run.clients.sqs.send(new GetQueueUrlCommand({ QueueName: "local-events-dlq" }));
  expect(QueueUrl).toBe(`${run.ready.endpoint}/000000000000/local-events-dlq`);
  const { QueueUrls } = await run.clients.sqs.send(new ListQueuesCommand({}));
  expect(QueueUrls?.every((url) => url.startsWith(run.ready.endpoint))).toBe(true);
});

test("SendMessage takes characters beyond the basic plane, as SQS does", async () => {
  const QueueUrl = run.output("dlq_url");
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "found 🐛" }));
  const { Messages } = await run.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.[0]?.Body).toBe("found 🐛");
});

test("SendMessage refuses characters that SQS refuses", async () => {
  const command = new SendMessageCommand({ QueueUrl: run.output("dlq_url"), MessageBody: "\u0000" });
  await expect(run.clients.sqs.send(command)).rejects.toThrow(/Invalid/i);
});
