import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Hello, StreamUpdate } from "../../api";
import { ServerSentEvents } from "../../page/server-sent-events";
import { EventLog, MAX_EVENTS } from "../../server/event-log";
import { EventStream } from "../../server/event-stream";

const CONSUMER = { queueName: "q", deadLetterQueueName: "d", functionName: "f" };
const HELLO: Hello = {
  mode: "local",
  isLive: true,
  untracked: [],
  run: "run-1",
  since: 0,
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
  lastEventId: string | undefined;
  private readonly events = new ServerSentEvents();

  writeHead(): void {}

  write(text: string): boolean {
    this.characters += text.length;
    for (const { event, data, id } of this.events.push(text)) {
      if (event === "update") this.updates.push(JSON.parse(data) as StreamUpdate);
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

  get dropped(): number {
    return this.updates.reduce((sum, update) => sum + update.dropped, 0);
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
    log.published({ messageId: `m${published}`, body: `{"padding":"${padding}"}`, attributes: {} }, 0);
  }
}

test("buffers at most one message for a page that does not read", () => {
  const page = new Page();
  publish(10);
  page.reads = false;
  stream.connect(page.asResponse());
  const before = page.characters;
  publish(50_000, "x".repeat(500));
  jest.advanceTimersByTime(5_000);
  expect(page.characters).toBe(before);
  page.reads = true;
  page.emit("drain");
  jest.advanceTimersByTime(1_000);
  // The page received each event that the log still has, and the number of discarded events.
  const { seqs } = page;
  expect(seqs.size + page.dropped).toBe(50_010);
  expect(Math.max(...page.updates.map(({ rows }) => rows.length))).toBeLessThanOrEqual(1_000);
  const kept = Array.from({ length: MAX_EVENTS }, (_, index) => 50_010 - index);
  expect(kept.filter((seq) => !seqs.has(seq))).toEqual([]);
});

test("reports dropped events to a page that reconnects, and not to a new page", () => {
  const page = new Page();
  publish(100);
  stream.connect(page.asResponse());
  jest.advanceTimersByTime(1_000);
  page.destroy();
  publish(MAX_EVENTS + 300);
  const again = new Page();
  stream.connect(again.asResponse(), page.lastEventId);
  jest.advanceTimersByTime(1_000);
  expect(again.dropped).toBe(300);
  expect(again.seqs.size).toBe(MAX_EVENTS);
  const first = new Page();
  stream.connect(first.asResponse());
  jest.advanceTimersByTime(1_000);
  expect(first.dropped).toBe(0);
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
