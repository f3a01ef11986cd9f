// The command as a process, over the local run as if that were a deployment: by its log and its queues alone.
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { EventDetail, Hello } from "@event-pipeline/console/api";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { Operator, operatorOf } from "@event-pipeline/testing/operator";
import { PageStream } from "@event-pipeline/testing/page-stream";

let run: LocalRun;
let command: Operator;
let url: string;

beforeAll(async () => {
  run = await LocalRun.start("--no-page");
  command = new Operator(["console", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
  await command.until(() => command.stdout.includes("\n"));
  url = JSON.parse(command.stdout).url;
});
afterAll(async () => {
  command.child.kill("SIGINT");
  expect(await command.done).toMatchObject({ code: 130 });
  await run.stop();
});

async function publish(Message: string): Promise<string> {
  const { MessageId } = await run.clients.sns.send(new PublishCommand({ TopicArn: run.output("topic_arn"), Message }));
  return String(MessageId);
}

const authorization = () => ({ authorization: `Bearer ${new URL(url).hash.slice("#token=".length)}` });

test("the printed URL has the token behind the #, which no browser sends", () => {
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/);
});

test("nothing is read without the token; the page itself has nothing to tell", async () => {
  const { origin } = new URL(url);
  for (const path of ["/api/stream", "/api/samples", "/api/search?text=x", "/api/events/x"]) {
    expect((await fetch(origin + path)).status).toBe(401);
    expect((await fetch(origin + path, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  }
  const page = await fetch(origin);
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain(new URL(url).hash.slice(7));
});

test("an event that the function has had is shown with its end, and its text is read from the table when it is opened", async () => {
  const message = '{"type":"scan.done","id":"scan-9","time":"2026-01-02T03:04:05Z","n":12345678901234567890}';
  const messageId = await publish(message);
  const stream = await PageStream.open(url);
  const hello: Hello = await stream.hello;
  expect(hello).toMatchObject({ isLive: false, unseen: ["archived", "filtered"], region: "us-east-1" });
  expect(hello).not.toHaveProperty("token");
  expect(hello.cliOptions).toContain(run.ready.endpoint);
  const row = await stream.rowWhere(messageId, ({ status }) => status === "stored");
  expect(row).toMatchObject({ type: "scan.done", eventId: "scan-9", stages: { queue: "done", function: "done" } });
  const { origin } = new URL(url);
  const answer = await fetch(`${origin}/api/events/${messageId}`, { headers: authorization() });
  const detail = (await answer.json()) as EventDetail;
  expect(JSON.parse(String(detail.body))).toMatchObject({ type: "scan.done", id: "scan-9" });
  expect(detail.body).toContain("12345678901234567890");

  const poison = await publish("poison");
  expect(await stream.rowWhere(poison, ({ status }) => status === "dead")).toMatchObject({ errorCode: "NOT_JSON" });
  for (let tries = 0; tries < 100 && stream.last?.depths.deadLetterQueue?.waiting !== 1; tries += 1) await sleep(100);
  expect(stream.last?.depths.deadLetterQueue).toMatchObject({ waiting: 1, inFlight: 0, asOf: expect.any(Number) });
  stream.close();
});

test("a page that comes later sees the same events, once each", async () => {
  const stream = await PageStream.open(url);
  await stream.caughtUp;
  await sleep(3_000);
  expect(stream.last?.counts).toMatchObject({ published: 2, stored: 1, "dead-lettered": 1 });
  expect(stream.rows.size).toBe(2);
  stream.close();
});

test("a run that has ended is said on the page, with what was seen before", async () => {
  const other = await LocalRun.start("--no-page");
  const over = new Operator(["console"], { AWS_ENDPOINT_URL: other.ready.endpoint });
  await over.until(() => over.stdout.includes("\n"));
  const stream = await PageStream.open(over.stdout.trim());
  await stream.caughtUp;
  await other.stop();
  for (let tries = 0; tries < 200 && !stream.last?.trouble; tries += 1) await sleep(100);
  expect(stream.last?.trouble).toContain("Nothing answers for the pipeline local");
  stream.close();
  over.child.kill("SIGTERM");
  expect((await over.done).code).toBe(130);
}, 60_000);

test("a pipeline that is not there, and a port that is taken, are said at the start", async () => {
  const missing = await operatorOf(run, ["console", "--name", "nobody"]);
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain("nobody-events-queue");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const taken = await operatorOf(run, ["console", "--port", String(port)]);
  expect(taken).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(`--port is ${port}`) });
  server.close();
});
