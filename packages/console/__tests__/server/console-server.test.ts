// Tests the live page's server in a local run.
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  PurgeQueueCommand,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { SAMPLES } from "@event-pipeline/operations/publish/samples";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import { CliProcess } from "@event-pipeline/testing/run-cli";
import fc from "fast-check";
import type { DeadLetters, EventDetail, Hello, StreamUpdate } from "../../api";
import { publishCommand } from "../../page/cli-command";
import { MAX_PAGES } from "../../server/event-stream";

interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

type Headers = Readonly<Record<string, string>>;

let run: LocalRun;
let stream: PageStream;
let hello: Hello;

beforeAll(async () => {
  run = await LocalRun.start();
  stream = await PageStream.open(String(run.ready.page));
  hello = await stream.hello;
  expect(hello.keepsData).toBe(false);
});
afterAll(async () => {
  stream.close();
  expect(await run.stop()).toBe(0);
});

async function ask(method: string, path: string, headers: Headers = {}, body = ""): Promise<TestResponse> {
  const { hostname, port } = new URL(String(run.ready.page));
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.once("error", reject).end(body);
  });
}

const json = { "content-type": "application/json" };
const allowed = () => ({ ...json, authorization: `Bearer ${hello.token}` });
const act = (path: string, body: unknown, headers: Headers = allowed()) =>
  ask("POST", path, headers, typeof body === "string" ? body : JSON.stringify(body));

const queueArn = () => run.output("topic_arn").replace(":sns:", ":sqs:").concat("-queue");

async function publish(message: string, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, text } = await act("/api/publish", { message, attributes });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return JSON.parse(text).messageId;
}

describe("authorization", () => {
  test.each([
    ["a rebound DNS name", { host: "rebound.example.com" }],
    ["a page of another site", { origin: "https://example.com" }],
    ["a page with a null origin", { origin: "null" }],
    ["a page of another server on this machine", { origin: "http://127.0.0.1:1" }],
    ["a link or image on another site", { "sec-fetch-site": "cross-site" }],
    [
      "a fetch by a page of another server on this machine",
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" },
    ],
  ])("rejects a request from %s", async (_, headers) => {
    for (const path of ["/api/stream", "/api/samples", "/"]) {
      const { status, text } = await ask("GET", path, headers);
      expect([status, text]).toEqual([403, expect.stringContaining("error")]);
    }
    const { status } = await act("/api/publish", { message: "{}" }, { ...allowed(), ...headers });
    expect(status).toBe(403);
  });

  test("accepts requests from the page at 127.0.0.1 and localhost", async () => {
    const { port } = new URL(String(run.ready.page));
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      const { status } = await ask("GET", "/api/samples", { host, origin: `http://${host}` });
      expect(status).toBe(200);
    }
  });

  test.each([
    ["no token", {}],
    ["an old token", { authorization: "Bearer b3RoZXI" }],
    ["an empty token", { authorization: "Bearer " }],
    ["another authentication scheme", { authorization: "Basic b3RoZXI=" }],
  ])("rejects an action with %s", async (_, headers) => {
    for (const path of ["/api/publish", "/api/verdict", "/api/dlq/peek", "/api/dlq/redrive"]) {
      const { status, text } = await act(path, { message: "{}", all: true }, { ...json, ...headers });
      expect([status, text]).toEqual([401, expect.stringContaining("URL")]);
    }
    expect(run.hops("published")).toEqual([]);
  });

  test("rejects an action sent as a link or a form", async () => {
    expect((await ask("GET", "/api/publish", allowed())).status).toBe(405);
    const { status, text } = await act("/api/publish", "message={}", {
      ...allowed(),
      "content-type": "application/x-www-form-urlencoded",
    });
    expect([status, text]).toEqual([400, expect.stringContaining("application/json")]);
  });
});

test("forbids content from other servers", async () => {
  for (const path of ["/", "/main.js", "/style.css", "/icon.svg", "/api/samples", "/nowhere"]) {
    const { headers } = await ask("GET", path);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  }
  const { text } = await ask("GET", "/");
  expect(text).not.toMatch(/<script>|<style|style=|https?:/);
});

test.each(["/../package.json", "/%2e%2e/package.json", "//etc/passwd", "/api/events/%", "/__proto__", "/constructor"])(
  "responds to %s with 404",
  async (path) => {
    expect((await ask("GET", path)).status).toBe(404);
  },
);

test("rejects malformed requests with an error message, and keeps running", async () => {
  const bodies = [
    "",
    "null",
    "[]",
    "{",
    '{"message":1}',
    '{"message":""}',
    '{"message":"{}","attributes":[]}',
    '{"message":"{}","attributes":{"a b":"c"}}',
    '{"message":"{}","attributes":{"a":""}}',
    '{"message":"{}","attributes":{"AWS.x":"c"}}',
    '{"message":"{}","attributes":{"a":"\\udc00"}}',
    `{"message":${"[".repeat(100_000)}`,
    JSON.stringify({ message: "x".repeat(256 * 1_024 + 1) }),
    JSON.stringify({ message: "x".repeat(3 * 1_024 * 1_024) }),
  ];
  for (const body of bodies) {
    const { status, text } = await act("/api/publish", body);
    expect([body.slice(0, 50), status, JSON.parse(text).error]).toEqual([
      body.slice(0, 50),
      400,
      expect.stringMatching(/\.$/),
    ]);
  }
  for (const body of [
    {},
    { ids: [] },
    { ids: [1] },
    { all: false },
    { all: true, code: "x" },
    { code: 1 },
    { messageId: 1 },
  ]) {
    expect((await act("/api/dlq/redrive", body)).status).toBe(400);
  }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("GET", "POST", "PUT", "DELETE"), fc.webPath(), async (method, path) => {
      expect((await ask(method, `/api${path}`, allowed())).status).toBeGreaterThanOrEqual(400);
    }),
    { numRuns: 50 },
  );
  expect((await ask("GET", "/api/samples")).status).toBe(200);
});

test("names the place of a lone surrogate in a message", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const surrogate = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
  await fc.assert(
    fc.asyncProperty(text, surrogate, async (before, lone) => {
      const { status, text } = await act("/api/publish", { message: `${before}${lone}.` });
      const { error } = JSON.parse(text);
      expect([status, Number(/character (\d+)/.exec(error)?.[1])]).toEqual([400, [...before].length + 1]);
    }),
    { numRuns: 20 },
  );
});

test("reports a published event at each stage, and returns its detail", async () => {
  const message = '{"type":"scan.done","id":"scan-7","n":12345678901234567890,"title":"<script>\u2028ü😀"}';
  const messageId = await publish(message, { agent: "seven" });
  const row = await stream.rowWhere(
    messageId,
    ({ status, stages }) => status === "stored" && stages.archive === "done",
  );
  expect(row).toMatchObject({ type: "scan.done", eventId: "scan-7", bytes: Buffer.byteLength(message), text: message });
  expect(row.latencyMs).toBeGreaterThan(0);
  const other = { other: { L: [{ N: "12345678901234567890" }, { BOOL: true }, { NULL: true as const }] } };
  const stored = run.hopsOf(messageId).find(({ kind }) => kind === "stored")?.detail ?? {};
  const Key = { event_type: { S: String(stored.event_type) }, timestamp_id: { S: String(stored.timestamp_id) } };
  const TableName = run.output("table_name");
  const UpdateExpression = "SET #other = :other";
  const ExpressionAttributeValues = { ":other": other.other };
  const names = { ExpressionAttributeNames: { "#other": "other" }, ExpressionAttributeValues };
  await run.clients.dynamodb.send(new UpdateItemCommand({ TableName, Key, UpdateExpression, ...names }));
  const { text } = await ask("GET", `/api/events/${messageId}`);
  const detail = JSON.parse(text) as EventDetail;
  expect(detail).toMatchObject({ body: message, attributes: { agent: "seven" }, row: { messageId } });
  const { data, ...item } = JSON.parse(String(detail.item));
  expect(item).toMatchObject({ event_type: "scan.done", message_id: messageId, expires_at: expect.any(Number) });
  expect(detail.item).toContain('"other":[12345678901234567890,true,null]');
  expect(detail.item).toContain('"n":12345678901234567890');
  expect(data).toMatchObject({ id: "scan-7" });
  expect(detail.hops.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["published", "queued", "processed", "stored", "archived"]),
  );
});

test("publishes the same text with the copied command", async () => {
  const [node, cli] = [process.execPath, "packages/cli/event-pipeline.mjs"];
  const messages = [
    ...SAMPLES.map(({ message }) => message),
    '  {"type": "it\'s",\t"n": 1.0} ',
    "%s \\n $HOME `id` 'q'",
    "[]",
  ];
  for (const message of messages) {
    const published = await publish(message, { agent: "a b" });
    const command = String(publishCommand(message, { agent: "a b" }, hello.cliOptions));
    const line = command.replace("npx event-pipeline", `'${node}' ${cli}`);
    const copied = await CliProcess.shell(line, {}).done;
    const bodies = [published, copied.stdout.trim()].map(async (messageId) => {
      await run.waitForHop(messageId, "archived");
      const { body, attributes } = JSON.parse((await ask("GET", `/api/events/${messageId}`)).text) as EventDetail;
      return { body, attributes };
    });
    const expected = { body: message, attributes: { agent: "a b" } };
    expect(await Promise.all(bodies)).toEqual([expected, expected]);
  }
}, 180_000);

test("keeps the largest message complete, and searches all of its text", async () => {
  const start = '{"type":"large","padding":"';
  const end = ' needle in the end"}';
  const message = start + "x".repeat(256 * 1_024 - start.length - end.length) + end;
  const messageId = await publish(message);
  const row = await stream.rowWhere(messageId, ({ status }) => status === "stored");
  expect(row).toMatchObject({ isCut: true, bytes: 262_144 });
  expect(row.text.length).toBeLessThan(2_000);
  expect(JSON.parse((await ask("GET", "/api/search?text=NEEDLE%20in")).text)).toEqual([messageId]);
  expect(JSON.parse((await ask("GET", `/api/events/${messageId}`)).text).body).toBe(message);
});

test("counts dead letters by code, and redrives one, a group or all", async () => {
  const peek = async () => JSON.parse((await act("/api/dlq/peek", {})).text) as DeadLetters;
  const redrive = async (which: object) => JSON.parse((await act("/api/dlq/redrive", which)).text);
  for (const message of ["poison 1", "poison 2", "[]"]) {
    await stream.rowWhere(await publish(message), ({ status }) => status === "dead");
  }
  const { letters, countByCode, complete } = await peek();
  expect([Object.keys(countByCode).sort(), complete]).toEqual([["NOT_AN_OBJECT", "NOT_JSON"], true]);
  expect(countByCode.NOT_JSON).toBe(letters.filter(({ code }) => code === "NOT_JSON").length);
  expect(countByCode.NOT_JSON).toBeGreaterThanOrEqual(2);
  expect(letters[0]).toMatchObject({ messageId: expect.any(String), reason: expect.any(String) });
  const published = new Map(letters.map(({ messageId, publishedAt }) => [messageId, publishedAt]));
  for (const { publishedAt = 0, sentAt } of letters)
    expect([publishedAt > 0, publishedAt <= sentAt]).toEqual([true, true]);
  const received = () => run.hops("queued").length;
  const before = received();
  const [first] = letters.filter(({ code }) => code === "NOT_JSON");
  expect(await redrive({ ids: [first?.sqsMessageId] })).toMatchObject({ sent: 1, failures: {}, lost: 0 });
  await run.until(() => received() === before + 1);
  const { sent } = await redrive({ code: "NOT_AN_OBJECT" });
  expect(sent).toBeGreaterThanOrEqual(1);
  await run.until(() => received() === before + 1 + sent);
  // The function rejects them again.
  for (let tries = 0; tries < 100 && (await peek()).letters.length < 3; tries += 1) await sleep(50);
  for (const { messageId, publishedAt } of (await peek()).letters) expect(publishedAt).toBe(published.get(messageId));
  expect((await redrive({ all: true })).sent).toBeGreaterThanOrEqual(3);
});

/** Returns the number of messages in a queue, including those in flight. */
async function depthOf(QueueUrl: string): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes = {} } = await run.clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

test("shows a dead letter as purged once it is deleted, and not when it is redriven", async () => {
  const { sqs } = run.clients;
  const QueueUrl = run.output("dlq_url");
  const messageId = await publish("poison");
  await stream.rowWhere(messageId, ({ status }) => status === "dead");
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  const SourceArn = Attributes?.QueueArn;
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn: queueArn() }));
  // The task may move a message again that the function has rejected meanwhile.
  const isMoving = async () => {
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
    return Results?.[0]?.Status === "RUNNING" || (await depthOf(run.output("queue_url"))) > 0;
  };
  for (let tries = 0; tries < 200 && (await isMoving()); tries += 1) await sleep(50);
  await stream.rowWhere(messageId, ({ status, deadLetters }) => status === "dead" && deadLetters >= 2);
  expect(run.idsOf("purged")).not.toContain(messageId);
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await stream.rowWhere(messageId, ({ status, errorCode }) => status === "purged" && errorCode === "NOT_JSON");
  expect((await run.waitForHop(messageId, "purged")).detail).toEqual({ queue: "local-events-dlq" });
});

test("resumes the stream of a page that reconnects", async () => {
  for (const type of ["one", "two"]) {
    await stream.rowWhere(await publish(JSON.stringify({ type })), ({ stages }) => stages.archive === "done");
  }
  const first = await PageStream.open(String(run.ready.page));
  await first.hello;
  await first.caughtUp;
  first.close();
  const messageId = await publish('{"type":"meanwhile"}');
  const again = await PageStream.open(String(run.ready.page), { "last-event-id": first.lastEventId });
  await again.rowWhere(messageId, () => true);
  expect([...again.rows.keys()]).toContain(messageId);
  expect(again.rows.size).toBeLessThan(first.rows.size);
  again.close();
  for (const id of ["", "x", `${hello.run}.999999999.1`, "other.1.1", `${hello.run}.-1.0`]) {
    const whole = await PageStream.open(String(run.ready.page), { "last-event-id": id });
    await whole.caughtUp;
    expect(whole.rows.size).toBeGreaterThan(first.rows.size);
    whole.close();
  }
});

test("sends heartbeats with the queue depths", async () => {
  const before = stream.batches;
  while (stream.batches < before + 2) await sleep(20);
  expect((stream.last as StreamUpdate).depths).toMatchObject({
    queue: { waiting: expect.any(Number), inFlight: expect.any(Number), asOf: expect.any(Number) },
    deadLetterQueue: { waiting: expect.any(Number) },
    archive: { waiting: expect.any(Number) },
  });
});

test("does not delay other pages while one page does not read", async () => {
  const { port } = new URL(String(run.ready.page));
  const stuck = connect(Number(port), "127.0.0.1");
  stuck.write(`GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  stuck.pause();
  const padding = "x".repeat(2_000);
  const publishOf = (index: number) => publish(JSON.stringify({ type: `type-${index}`, padding }));
  const ids: string[] = [];
  for (let index = 0; index < 100; index += 50) {
    ids.push(...(await Promise.all(Array.from({ length: 50 }, (_, offset) => publishOf(index + offset)))));
  }
  await stream.rowWhere(String(ids.at(-1)), ({ status }) => status === "stored");
  expect(ids.every((id) => stream.rows.has(id))).toBe(true);
  stuck.destroy();
}, 60_000);

/** Retries, because the server notices a closed page a moment later. */
async function openPage(): Promise<PageStream> {
  for (let tries = 0; tries < 100; tries += 1) {
    const page = await PageStream.open(String(run.ready.page)).catch(() => undefined);
    if (page) return page;
    await sleep(20);
  }
  throw new Error("The server still counts pages that were closed.");
}

test("rejects a page while the maximum number of pages is connected", async () => {
  const pages = await Promise.all(Array.from({ length: MAX_PAGES - 1 }, openPage));
  const { status, text } = await ask("GET", "/api/stream");
  expect([status, text]).toEqual([503, expect.stringContaining(String(MAX_PAGES))]);
  for (const page of pages) page.close();
  (await openPage()).close();
});
