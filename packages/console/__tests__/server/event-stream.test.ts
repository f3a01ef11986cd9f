import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Batch, Hello } from "../../api";
import { ServerSentEvents } from "../../page/server-sent-events";
import { EventLog, MAX_EVENTS } from "../../server/event-log";
import { EventStream } from "../../server/event-stream";

const CONSUMER = { queueName: "q", deadLetterQueueName: "d", functionName: "f" };
const HELLO: Hello = {
  mode: "local",
  isLive: true,
  unseen: [],
  run: "run-1",
  since: 0,
  name: "local",
  region: "us-east-1",
  cliOptions: "--local",
  maxEvents: MAX_EVENTS,
  notes: [],
};

/** A page whose connection takes what it is told to. */
class Page extends EventEmitter {
  takes = true;
  characters = 0;
  isDestroyed = false;
  readonly batches: Batch[] = [];
  lastEventId: string | undefined;
  private readonly events = new ServerSentEvents();

  writeHead(): void {}

  write(text: string): boolean {
    this.characters += text.length;
    for (const { event, data, id } of this.events.push(text)) {
      if (event === "batch") this.batches.push(JSON.parse(data) as Batch);
      this.lastEventId = id;
    }
    return this.takes;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }

  get seqs(): Set<number> {
    return new Set(this.batches.flatMap(({ rows }) => rows.map(({ seq }) => seq)));
  }

  get dropped(): number {
    return this.batches.reduce((sum, batch) => sum + batch.dropped, 0);
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

test("a page that takes nothing is written one message more at most, however much happens", () => {
  const page = new Page();
  publish(10);
  page.takes = false;
  stream.connect(page.asResponse(), undefined);
  const before = page.characters;
  publish(50_000, "x".repeat(500));
  jest.advanceTimersByTime(5_000);
  expect(page.characters).toBe(before);
  page.takes = true;
  page.emit("drain");
  jest.advanceTimersByTime(1_000);
  // Each event was told of, or told to have been missed; of what is there none is missed.
  const { seqs } = page;
  expect(seqs.size + page.dropped).toBe(50_010);
  expect(Math.max(...page.batches.map(({ rows }) => rows.length))).toBeLessThanOrEqual(1_000);
  const kept = Array.from({ length: MAX_EVENTS }, (_, index) => 50_010 - index);
  expect(kept.filter((seq) => !seqs.has(seq))).toEqual([]);
});

test("what a page missed while it was away is told when it comes back, and only then", () => {
  const page = new Page();
  publish(100);
  stream.connect(page.asResponse(), undefined);
  jest.advanceTimersByTime(1_000);
  page.destroy();
  publish(MAX_EVENTS + 300);
  const again = new Page();
  stream.connect(again.asResponse(), page.lastEventId);
  jest.advanceTimersByTime(1_000);
  expect(again.dropped).toBe(300);
  expect(again.seqs.size).toBe(MAX_EVENTS);
  const first = new Page();
  stream.connect(first.asResponse(), undefined);
  jest.advanceTimersByTime(1_000);
  expect(first.dropped).toBe(0);
});

test("while nobody is connected nothing is done", () => {
  const changesSince = jest.spyOn(log, "changesSince");
  publish(10);
  jest.advanceTimersByTime(60_000);
  const page = new Page();
  stream.connect(page.asResponse(), undefined);
  page.destroy();
  changesSince.mockClear();
  publish(10);
  jest.advanceTimersByTime(60_000);
  expect(changesSince).not.toHaveBeenCalled();
  expect(jest.getTimerCount()).toBe(0);
});
