// Tests that clients with many unfinished requests cannot exhaust the memory or block other clients.
import { connect, type Socket } from "node:net";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { LocalRun } from "@event-pipeline/testing/local-run";

const LARGE_BYTES = 10 * 1024 * 1024;
/** Number of requests. The local run reads at most 25 such bodies at the same time. */
const COUNT = 40;

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
});
afterAll(async () => {
  expect(await run.stop()).toBe(0);
});

function send(text: string): Promise<Socket> {
  const { port, hostname } = new URL(run.ready.endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, () => resolve(socket)));
    socket.once("error", reject);
  });
}

function responseOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
}

const putLarge = () =>
  run.clients.s3.send(
    new PutObjectCommand({ Bucket: run.output("raw_bucket"), Key: "mine/large", Body: Buffer.alloc(LARGE_BYTES) }),
  );

test.each([
  ["with a Content-Length", `Content-Length: ${LARGE_BYTES}\r\n\r\n{`],
  ["in chunks", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"],
])("limits the memory for unfinished bodies %s, and still serves small requests", async (_, rest) => {
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\n${rest}`;
  const sockets = await Promise.all(Array.from({ length: COUNT }, () => send(head)));
  // The first response rejects a request that exceeds the limit.
  const rejection = await Promise.race(sockets.map(responseOf));
  expect(rejection).toMatch(/^HTTP\/1\.1 503 .*"ServiceUnavailable"/s);
  expect(rejection).toContain("256 MiB");

  const command = new PublishCommand({ TopicArn: run.output("topic_arn"), Message: "{}" });
  const { MessageId } = await run.clients.sns.send(command);
  // The handlers and the archive still work.
  await run.waitForHop(String(MessageId), "stored");
  await run.waitForHop(String(MessageId), "archived");
  for (const socket of sockets) socket.destroy();
  await putLarge();
});

test("releases the memory of a finished, rejected or aborted request", async () => {
  const headers = { "content-type": "text/plain" };
  const body = Buffer.alloc(LARGE_BYTES, "x");
  for (let round = 0; round < 30; round++) {
    const path = ["/", "/no-such-bucket/key", "/no/such/%"][round % 3];
    // The local run reads some of these large bodies, and rejects others before their end.
    await fetch(run.ready.endpoint + path, { method: "POST", headers, body }).catch(() => undefined);
  }
  await putLarge();
});
