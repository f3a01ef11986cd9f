import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Hello, StreamUpdate } from "../../api";
import { EventBuffer } from "../../page/event-buffer";
import { ServerSentEvents } from "../../page/server-sent-events";
import { EventLog, MAX_EVENTS } from "../../server/event-log";
import { EventStream } from "../../server/event-stream";

const CONSUMER = { queueName: "q", deadLetterQueueName: "d", functionName: "f" };
const HELLO: Hello = {
  mode: "local",
  isLive: true,
  keepsData: false,
  untracked: [],
  run: "run-1",
  since: 0,
  countsSince: 0,
  name: "local",
  region: "us-east-1",
  cliOptions: "--local",
  maxEvents: MAX_EVENTS,
  notes: [],
};

/** A page that can stop reading its connection. */
class Page extends EventEmitter {
  reads = true;
  characters = 0;
  isDestroyed = false;
  readonly updates: StreamUpdate[] = [];
  /** @param buffer - Events that the page received before it reconnected. */
  constructor(readonly buffer = new EventBuffer(MAX_EVENTS)) {
    super();
  }

  lastEventId: string | undefined;
  private readonly events = new ServerSentEvents();

  writeHead(): void {}

  write(text: string): boolean {
    this.characters += text.length;
    for (const { event, data, id } of this.events.push(text)) {
      if (event === "update") this.take(JSON.parse(data) as StreamUpdate);
      this.lastEventId = id;
    }
    return this.reads;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }

  get seqs(): Set<number> {
    return new Set(this.updates.flatMap(({ rows }) => rows.map(({ seq }) => seq)));
  }

  private take(update: StreamUpdate): void {
    this.updates.push(update);
    this.buffer.apply(update);
  }

  asResponse(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

let log: EventLog;
let stream: EventStream;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["performance"] });
  log = new EventLog(CONSUMER);
  stream = new EventStream({ log, hello: HELLO, depths: () => ({}) });
});
afterEach(() => {
  jest.useRealTimers();
});

let published = 0;
function publish(count: number, padding = ""): void {
  for (let index = 0; index < count; index += 1) {
    published += 1;
    log.published({ messageId: `m${published}`, body: `{"padding":"${padding}"}`, type: "", attributes: {} }, 0);
  }
}

test("buffers at most one message for a page that does not read", () => {
  const page = new Page();
  publish(9);
  stream.connect(page.asResponse());
  page.reads = false;
  publish(1);
  jest.advanceTimersByTime(1_000);
  const before = page.characters;
  publish(50_000, "x".repeat(500));
  jest.advanceTimersByTime(5_000);
  expect(page.characters).toBe(before);
  page.reads = true;
  page.emit("drain");
  jest.advanceTimersByTime(1_000);
  // The page received each event that the log still has, and knows how many others there were.
  const { seqs } = page;
  expect(page.buffer.size).toBe(MAX_EVENTS);
  expect(page.buffer.missing).toEqual({ count: 50_010 - MAX_EVENTS, isExact: true });
  expect(Math.max(...page.updates.map(({ rows }) => rows.length))).toBeLessThanOrEqual(1_000);
  const kept = Array.from({ length: MAX_EVENTS }, (_, index) => 50_010 - index);
  expect(kept.filter((seq) => !seqs.has(seq))).toEqual([]);
});

test("lets a page that reconnects count the events that it missed, and a new page none", () => {
  const page = new Page();
  publish(100);
  stream.connect(page.asResponse());
  jest.advanceTimersByTime(1_000);
  page.destroy();
  publish(MAX_EVENTS + 300);
  const again = new Page(page.buffer);
  stream.connect(again.asResponse(), page.lastEventId);
  jest.advanceTimersByTime(1_000);
  expect(again.buffer.missing.count).toBe(400);
  expect(again.seqs.size).toBe(MAX_EVENTS);
  const first = new Page();
  stream.connect(first.asResponse());
  jest.advanceTimersByTime(1_000);
  expect(first.buffer.missing.count).toBe(0);
});

test("claims no missing event on a page that is opened after a burst", () => {
  publish(3_000);
  // The stream sends the rows in the order of their latest change, in several updates.
  for (let index = 0; index < 3_000; index += 1) {
    const messageId = `m${published - index}`;
    log.hop({ kind: "stored", messageId, eventId: messageId, at: 0, detail: {} });
  }
  const page = new Page();
  stream.connect(page.asResponse());
  jest.advanceTimersByTime(1_000);
  expect(page.updates.length).toBeGreaterThan(1);
  expect(page.buffer.size).toBe(3_000);
  expect(page.buffer.missing.count).toBe(0);
});

test("does nothing while no page is connected", () => {
  const changesSince = jest.spyOn(log, "changesSince");
  publish(10);
  jest.advanceTimersByTime(60_000);
  const page = new Page();
  stream.connect(page.asResponse());
  page.destroy();
  changesSince.mockClear();
  publish(10);
  jest.advanceTimersByTime(60_000);
  expect(changesSince).not.toHaveBeenCalled();
  expect(jest.getTimerCount()).toBe(0);
});
