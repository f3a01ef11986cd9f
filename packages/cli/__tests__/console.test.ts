// Runs the command against the local run as if the local run were deployed to AWS.
import { type AddressInfo, createServer } from "node:net";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { EventDetail, Hello } from "@event-pipeline/console/api";
import { FaultyProxy, jsonError } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { CliProcess, runCliOn } from "@event-pipeline/testing/run-cli";

let run: LocalRun;
let command: CliProcess;
let url: string;

beforeAll(async () => {
  run = await LocalRun.start("--delivery", "ordered", "--no-page");
  command = new CliProcess(["console", "--json"], { AWS_ENDPOINT_URL: run.ready.endpoint });
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

test("prints a URL with the token in its fragment, which browsers do not send", () => {
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/);
});

test("rejects requests without the token, except for the page itself", async () => {
  const { origin } = new URL(url);
  for (const path of ["/api/stream", "/api/samples", "/api/search?text=x", "/api/events/x"]) {
    expect((await fetch(origin + path)).status).toBe(401);
    expect((await fetch(origin + path, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  }
  const page = await fetch(origin);
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain(new URL(url).hash.slice(7));
});

test("shows each event's outcome, and reads the event from the table when its row is opened", async () => {
  const message = '{"type":"scan.done","id":"scan-9","time":"2026-01-02T03:04:05Z","n":12345678901234567890}';
  const messageId = await publish(message);
  const stream = await PageStream.open(url);
  const hello: Hello = await stream.hello;
  expect(hello).toMatchObject({ isLive: false, untracked: ["archived", "filtered"], region: "us-east-1" });
  expect(hello).not.toHaveProperty("token");
  expect(hello.cliOptions).toContain(run.ready.endpoint);
  const row = await stream.rowWhere(messageId, ({ status }) => status === "stored");
  expect(row).toMatchObject({ type: "scan.done", eventId: "scan-9", stages: { queue: "done", function: "done" } });
  const { origin } = new URL(url);
  const answer = await fetch(`${origin}/api/events/${messageId}`, { headers: authorization() });
  const detail = (await answer.json()) as EventDetail;
  expect(JSON.parse(String(detail.body))).toMatchObject({ type: "scan.done", id: "scan-9" });
  expect(detail.body).toContain("12345678901234567890");

  const refused = await publish("refused");
  expect(await stream.rowWhere(refused, ({ status }) => status === "dead")).toMatchObject({ errorCode: "NOT_JSON" });
  await stream.until(() => stream.last?.depths.deadLetterQueue?.waiting === 1);
  expect(stream.last?.depths.deadLetterQueue).toMatchObject({ waiting: 1, inFlight: 0, asOf: expect.any(Number) });
  stream.close();
});

test("shows each event once on a page that is opened later", async () => {
  const stream = await PageStream.open(url);
  await stream.caughtUp;
  // Earlier events would be counted twice before this one appears.
  const later = await publish('{"type":"later"}');
  await stream.rowWhere(later, ({ status }) => status === "stored");
  expect(stream.last?.counts).toMatchObject({ published: 3, stored: 2, "dead-lettered": 1 });
  expect(stream.rows.size).toBe(3);
  stream.close();
});

test("shows an error on the page after the local run has ended", async () => {
  const other = await LocalRun.start("--no-page");
  const over = new CliProcess(["console"], { AWS_ENDPOINT_URL: other.ready.endpoint });
  await over.until(() => over.stdout.includes("\n"));
  const stream = await PageStream.open(over.stdout.trim());
  await stream.caughtUp;
  await other.stop();
  const errors = () => stream.last?.sources?.unread.map(({ error }) => error) ?? [];
  await stream.until(() => errors().length === 3);
  for (const error of errors()) expect(error).toContain(other.ready.endpoint);
  stream.close();
  over.child.kill("SIGTERM");
  expect((await over.done).code).toBe(130);
}, 60_000);

test("shows each source that cannot be read as not known, and recovers", async () => {
  await publish('{"type":"later"}');
  let isDenied = true;
  const proxy = await FaultyProxy.open(({ action, body }) => {
    const isFaulty = action === "FilterLogEvents" || action === "BatchGetItem" || body.includes("local-events-dlq");
    return isDenied && isFaulty ? jsonError(400, "AccessDeniedException") : undefined;
  }, run.ready.endpoint);
  const page = new CliProcess(["console"], { AWS_ENDPOINT_URL: proxy.endpoint });
  await page.until(() => page.stdout.includes("\n"));
  const stream = await PageStream.open(page.stdout.trim());
  await stream.until(() => stream.last?.sources?.unread.length === 2 && stream.last.depths.queue !== undefined);
  expect(stream.last?.sources).toMatchObject({ isLogRead: false, unread: expect.any(Array) });
  expect(stream.last?.sources?.unread.map(({ source }) => source).sort()).toEqual(["deadLetterQueue", "log"]);
  expect(stream.last?.depths).not.toHaveProperty("deadLetterQueue");
  isDenied = false;
  await stream.until(() => stream.last?.sources?.unread.length === 0);
  expect(stream.last).toMatchObject({ sources: { isLogRead: true }, depths: { deadLetterQueue: { waiting: 1 } } });

  const [row] = [...stream.rows.values()].filter(({ status }) => status === "stored");
  isDenied = true;
  const { origin, hash } = new URL(page.stdout.trim());
  const headers = { authorization: `Bearer ${hash.slice("#token=".length)}` };
  const detail = (await (await fetch(`${origin}/api/events/${row?.messageId}`, { headers })).json()) as EventDetail;
  expect(detail).toMatchObject({ notes: [expect.stringContaining("BatchGetItem")], row: { status: "stored" } });
  expect(detail).not.toHaveProperty("item");
  stream.close();
  page.child.kill("SIGINT");
  await page.done;
  await proxy.close();
}, 60_000);

test("exits with an error if the pipeline does not exist or the port is in use", async () => {
  const missing = await runCliOn(run, ["console", "--name", "nobody"]);
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain("nobody-events-queue");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const taken = await runCliOn(run, ["console", "--port", String(port)]);
  expect(taken).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(`Port ${port}`) });
  server.close();
});
