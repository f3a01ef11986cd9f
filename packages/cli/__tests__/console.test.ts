// Runs the command against the local run as if the local run were deployed to AWS.
import { type AddressInfo, createServer } from "node:net";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Contracts, EventDetail, Hello, Verdict } from "@event-pipeline/console/api";
import { FaultyProxy, jsonError, xmlError } from "@event-pipeline/testing/faulty-proxy";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { CliProcess, runCliOn } from "@event-pipeline/testing/run-cli";
import { EXAMPLE_EVENTS } from "@event-pipeline/testing/synthesized";

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
  const refusal = await fetch(`${origin}/api/events/${refused}`, { headers: authorization() });
  const { hops } = (await refusal.json()) as EventDetail;
  expect(hops.at(-1)).toMatchObject({ kind: "dead-lettered", detail: { reason: expect.stringContaining("not JSON") } });
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

test("reads contracts, subject and attributes from the deployment, and says when it must not", async () => {
  const folder = stackFolder(undefined, undefined, EXAMPLE_EVENTS);
  const other = await LocalRun.start("--delivery", "ordered", "--no-page", "--stack-folder", folder);
  let isDenied = false;
  const proxy = await FaultyProxy.open(
    ({ service }) => (isDenied && service === "s3" ? xmlError(403, "AccessDenied") : undefined),
    other.ready.endpoint,
  );
  const open = async () => {
    const page = new CliProcess(["console"], { AWS_ENDPOINT_URL: proxy.endpoint });
    await page.until(() => page.stdout.includes("\n"));
    const address = page.stdout.trim();
    const { origin, hash } = new URL(address);
    const headers = {
      authorization: `Bearer ${hash.slice("#token=".length)}`,
      "content-type": "application/json",
    };
    const ask = async (path: string, body?: object) => {
      const post = body && { method: "POST", body: JSON.stringify(body) };
      return (await fetch(origin + path, { headers, ...post })).json();
    };
    const close = async () => {
      page.child.kill("SIGINT");
      await page.done;
    };
    return { address, ask, close };
  };
  const { address, ask, close } = await open();
  const { hash, contracts, notKnown } = (await ask("/api/contracts")) as Contracts;
  expect(contracts.map(({ type }) => type)).toEqual(["finding.new", "scan.finished", "scan.started"]);
  expect(notKnown).toBeUndefined();
  const message = '{"type":"finding.new","severity":"severe","title":"t"}';
  const verdict = (await ask("/api/verdict", { message })) as Verdict;
  expect(verdict).toMatchObject({ type: "finding.new", contractsHash: hash, refusal: { code: "CONTRACT_VIOLATED" } });

  const stream = await PageStream.open(address);
  const TopicArn = other.output("topic_arn");
  const agent = { DataType: "String", StringValue: "seven" };
  const more = { Subject: "Nightly", MessageAttributes: { agent } };
  const sent = [
    await other.clients.sns.send(new PublishCommand({ TopicArn, Message: message })),
    await other.clients.sns.send(
      new PublishCommand({ TopicArn, Message: '{"type":"kept","time":"yesterday"}', ...more }),
    ),
  ];
  const [violating, kept] = sent.map(({ MessageId }) => String(MessageId));
  await stream.rowWhere(String(violating), ({ status }) => status === "dead");
  await stream.rowWhere(String(kept), ({ status }) => status === "stored");
  const refused = (await ask(`/api/events/${violating}`)) as EventDetail;
  expect(refused.hops.at(-1)?.detail).toMatchObject({ reason: verdict.refusal?.reason });
  expect(await ask(`/api/events/${kept}`)).toMatchObject({
    subject: "Nightly",
    attributes: { agent: "seven" },
    notes: [expect.stringContaining('The event\'s time is "yesterday"')],
  });
  stream.close();
  await close();

  isDenied = true;
  const denied = await open();
  const unknown = { notKnown: expect.stringContaining("S3 ListObjectVersions") };
  expect(await denied.ask("/api/contracts")).toEqual({ hash: "", contracts: [], ...unknown });
  expect(await denied.ask("/api/verdict", { message })).toEqual({ type: "finding.new", contractsHash: "", ...unknown });
  // The page recovers when the permission is there.
  isDenied = false;
  expect(await denied.ask("/api/contracts")).toMatchObject({ hash });
  await denied.close();
  await proxy.close();
  await other.stop();
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
