// The page's server as the local run starts it, over real sockets: what a browser would send, and what nobody should.
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { PageStream } from "@event-pipeline/testing/page-stream";
import fc from "fast-check";
import type { Batch, DeadLetters, EventDetail, Hello } from "../../api";
import { MAX_READERS } from "../../server/event-stream";

interface Answer {
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
});
afterAll(async () => {
  stream.close();
  expect(await run.stop()).toBe(0);
});

async function ask(method: string, path: string, headers: Headers = {}, body = ""): Promise<Answer> {
  const { hostname, port } = new URL(String(run.ready.page));
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.once("error", reject).end(body);
  });
}

const json = { "content-type": "application/json" };
const allowed = () => ({ ...json, authorization: `Bearer ${hello.token}` });
const act = (path: string, body: unknown, headers: Headers = allowed()) =>
  ask("POST", path, headers, typeof body === "string" ? body : JSON.stringify(body));

async function publish(message: string, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, text } = await act("/api/publish", { message, attributes });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return JSON.parse(text).messageId;
}

describe("who is answered", () => {
  test.each([
    ["a name that was made to point here", { host: "rebound.example.com" }],
    ["another site's page", { origin: "https://example.com" }],
    ["a page without an origin", { origin: "null" }],
    ["another page of this machine", { origin: "http://127.0.0.1:1" }],
    ["another site's link or image", { "sec-fetch-site": "cross-site" }],
    ["a fetch of another page of this machine", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }],
  ])("not %s", async (_, headers) => {
    for (const path of ["/api/stream", "/api/samples", "/"]) {
      const { status, text } = await ask("GET", path, headers);
      expect([status, text]).toEqual([403, expect.stringContaining("error")]);
    }
    const { status } = await act("/api/publish", { message: "{}" }, { ...allowed(), ...headers });
    expect(status).toBe(403);
  });

  test("the page itself, by any of this machine's names", async () => {
    const { port } = new URL(String(run.ready.page));
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      const { status } = await ask("GET", "/api/samples", { host, origin: `http://${host}` });
      expect(status).toBe(200);
    }
  });

  test.each([
    ["none", {}],
    ["another start's", { authorization: "Bearer b3RoZXI" }],
    ["an empty one", { authorization: "Bearer " }],
    ["one of another kind", { authorization: "Basic b3RoZXI=" }],
  ])("no act with a token that is %s", async (_, headers) => {
    for (const path of ["/api/publish", "/api/dlq/look", "/api/dlq/redrive"]) {
      const { status, text } = await act(path, { message: "{}", all: true }, { ...json, ...headers });
      expect([status, text]).toEqual([401, expect.stringContaining("URL that was printed")]);
    }
    expect(run.hops("published")).toEqual([]);
  });

  test("an act is no link and no form", async () => {
    expect((await ask("GET", "/api/publish", allowed())).status).toBe(405);
    const { status, text } = await act("/api/publish", "message={}", {
      ...allowed(),
      "content-type": "application/x-www-form-urlencoded",
    });
    expect([status, text]).toEqual([400, expect.stringContaining("application/json")]);
  });
});

test("the page may load nothing from elsewhere, and is shown in no frame", async () => {
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
  "%s is nothing that is served",
  async (path) => {
    expect((await ask("GET", path)).status).toBe(404);
  },
);

test("what is no request of the page is refused in a sentence, and ends nothing", async () => {
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
  for (const body of [{}, { ids: [] }, { ids: [1] }, { all: false }, { all: true, code: "x" }, { code: 1 }]) {
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

test("a published event is told of at each stage, and its detail has all of it", async () => {
  const message = '{"type":"scan.done","id":"scan-7","n":12345678901234567890,"title":"<script>\u2028ü😀"}';
  const messageId = await publish(message, { agent: "seven" });
  const row = await stream.rowWhere(
    messageId,
    ({ status, stages }) => status === "stored" && stages.archive === "done",
  );
  expect(row).toMatchObject({ type: "scan.done", eventId: "scan-7", bytes: Buffer.byteLength(message), text: message });
  expect(row.latencyMs).toBeGreaterThan(0);
  const { text } = await ask("GET", `/api/events/${messageId}`);
  const detail = JSON.parse(text) as EventDetail;
  expect(detail).toMatchObject({ body: message, attributes: { agent: "seven" }, row: { messageId } });
  expect(detail.hops.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["published", "queued", "processed", "stored", "archived"]),
  );
});

test("the largest message that SNS takes goes through whole, and is found by its end", async () => {
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

test("dead letters are grouped by reason, and go back one by one, by reason, or all", async () => {
  const look = async () => JSON.parse((await act("/api/dlq/look", {})).text) as DeadLetters;
  const redrive = async (which: object) => JSON.parse((await act("/api/dlq/redrive", which)).text);
  for (const message of ["poison 1", "poison 2", "[]"]) {
    await stream.rowWhere(await publish(message), ({ status }) => status === "dead");
  }
  const { letters, countByCode, whole } = await look();
  expect([countByCode, whole]).toEqual([{ NOT_JSON: 2, NOT_AN_OBJECT: 1 }, true]);
  expect(letters[0]).toMatchObject({ messageId: expect.any(String), reason: expect.any(String) });
  const received = () => run.hops("queued").length;
  const before = received();
  const [first] = letters.filter(({ code }) => code === "NOT_JSON");
  expect(await redrive({ ids: [first?.sqsMessageId] })).toMatchObject({ sent: 1, failures: {}, lost: 0 });
  await run.until(() => received() === before + 1);
  expect(await redrive({ code: "NOT_AN_OBJECT" })).toMatchObject({ sent: 1 });
  await run.until(() => received() === before + 2);
  // Refused again, for they are what they were.
  for (let tries = 0; tries < 100 && (await look()).letters.length < 3; tries += 1) await sleep(50);
  expect((await redrive({ all: true })).sent).toBeGreaterThanOrEqual(3);
});

test("a page that comes back goes on where it was", async () => {
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

test("silence is broken every second, with what is in the queues", async () => {
  const before = stream.batches;
  await sleep(2_500);
  expect(stream.batches).toBeGreaterThanOrEqual(before + 2);
  expect((stream.last as Batch).depths).toMatchObject({
    queue: { waiting: expect.any(Number), inFlight: expect.any(Number), asOf: expect.any(Number) },
    deadLetterQueue: { waiting: expect.any(Number) },
    archive: { waiting: expect.any(Number) },
  });
});

test("a page that reads nothing keeps nothing from the others", async () => {
  const { port } = new URL(String(run.ready.page));
  const stuck = connect(Number(port), "127.0.0.1");
  stuck.write(`GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  stuck.pause();
  const padding = "x".repeat(2_000);
  const publishOf = (index: number) => publish(JSON.stringify({ type: `type-${index}`, padding }));
  const ids: string[] = [];
  for (let index = 0; index < 300; index += 50) {
    ids.push(...(await Promise.all(Array.from({ length: 50 }, (_, offset) => publishOf(index + offset)))));
  }
  await stream.rowWhere(String(ids.at(-1)), ({ status }) => status === "stored");
  expect(ids.every((id) => stream.rows.has(id))).toBe(true);
  stuck.destroy();
}, 60_000);

/** A page that is closed leaves its room a moment later. */
async function pageWhenThereIsRoom(): Promise<PageStream> {
  for (let tries = 0; tries < 100; tries += 1) {
    const page = await PageStream.open(String(run.ready.page)).catch(() => undefined);
    if (page) return page;
    await sleep(20);
  }
  throw new Error("Pages that were closed still take room.");
}

test("no more pages than there is room for, and the next one is told", async () => {
  const pages = await Promise.all(Array.from({ length: MAX_READERS - 1 }, pageWhenThereIsRoom));
  const { status, text } = await ask("GET", "/api/stream");
  expect([status, text]).toEqual([503, expect.stringContaining("open already")]);
  for (const page of pages) page.close();
  (await pageWhenThereIsRoom()).close();
});
