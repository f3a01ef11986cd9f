import fc from "fast-check";
import type { EventRow } from "../../api";
import { EventBuffer } from "../../page/event-buffer";
import { NO_FILTER } from "../../page/list-filter";
import { rowWith, updateOf } from "./event-rows";

const LIMIT = 20;
const seqs = (buffer: EventBuffer) => buffer.shown.map(({ seq }) => seq);
const rows = (from: number, to: number, change: Partial<EventRow> = {}) =>
  Array.from({ length: to - from + 1 }, (_, index) => rowWith({ ...change, seq: from + index }));

test("keeps the newest events, each once, newest first, in any order of arrival", () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }), { maxLength: 8 });
  fc.assert(
    fc.property(batches, (arrivals) => {
      const buffer = new EventBuffer(LIMIT);
      for (const arrival of arrivals) buffer.apply(updateOf(arrival.map((seq) => rowWith({ seq }))));
      const shown = seqs(buffer);
      expect(shown).toEqual([...new Set(shown)].sort((one, other) => other - one));
      expect(buffer.size).toBeLessThanOrEqual(LIMIT);
      if (arrivals.length === 1) {
        const newest = [...new Set(arrivals[0])].sort((one, other) => other - one);
        expect(shown).toEqual(newest.slice(0, LIMIT));
      }
    }),
  );
});

test("keeps the rows while paused, counts new events and limits their number", () => {
  const buffer = new EventBuffer(LIMIT);
  buffer.apply(updateOf(rows(1, 20)));
  buffer.pause();
  for (let seq = 21; seq <= 200; seq += 1) buffer.apply(updateOf(rows(seq, seq)));
  expect(seqs(buffer)).toEqual(rows(1, 20).map(({ seq }) => 21 - seq));
  expect(buffer.size).toBe(2 * LIMIT);
  expect(buffer.newCount).toBe(LIMIT);
  buffer.resume();
  expect(seqs(buffer)).toEqual(rows(181, 200).map(({ seq }) => 381 - seq));
});

test("updates rows while paused", () => {
  const buffer = new EventBuffer(LIMIT);
  buffer.apply(updateOf(rows(1, 3)));
  buffer.pause();
  buffer.apply(updateOf([rowWith({ seq: 2, status: "stored" })]));
  expect(buffer.shown.map(({ status }) => status)).toEqual(["waiting", "stored", "waiting"]);
});

test("shows an event only while it matches the filter", () => {
  const buffer = new EventBuffer(LIMIT);
  buffer.filter({ ...NO_FILTER, status: "stored" }, new Set());
  buffer.apply(updateOf(rows(1, 3)));
  expect(seqs(buffer)).toEqual([]);
  buffer.apply(updateOf([rowWith({ seq: 2, status: "stored" })]));
  expect(seqs(buffer)).toEqual([2]);
});

test("returns types by frequency, and forgets a type with its last event", () => {
  const buffer = new EventBuffer(LIMIT);
  buffer.apply(updateOf([...rows(1, 5, { type: "often" }), rowWith({ seq: 6, type: "once" })]));
  expect(buffer.types(10)).toEqual(["often", "once"]);
  buffer.apply(updateOf(rows(7, 6 + LIMIT, { type: "new" })));
  expect(buffer.types(10)).toEqual(["new"]);
});

describe("missing events", () => {
  test("are those that arrived since the page was opened and are not in the list", () => {
    const batch = fc.record({ published: fc.nat({ max: 40 }), received: fc.nat({ max: 40 }) });
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.array(batch, { maxLength: 8 }), (before, batches) => {
        const buffer = new EventBuffer(LIMIT);
        let newestSeq = before;
        // As the server, which has at most as many events as the page.
        buffer.apply(updateOf(rows(Math.max(1, before - LIMIT + 1), before), { newestSeq }));
        expect(buffer.missing).toEqual({ count: 0, isExact: true });
        const firstSeq = Math.max(1, before - LIMIT + 1);
        for (const { published, received } of batches) {
          newestSeq += published;
          const from = newestSeq - Math.min(published, received) + 1;
          buffer.apply(updateOf(rows(from, newestSeq), { newestSeq }));
          expect(buffer.missing.count).toBe(newestSeq - firstSeq + 1 - buffer.size);
        }
      }),
    );
  });

  test("do not include events that are still being transferred", () => {
    const buffer = new EventBuffer(LIMIT);
    buffer.apply(updateOf(rows(6, 10), { newestSeq: 10, more: true }));
    expect(buffer.missing.count).toBe(0);
    buffer.apply(updateOf(rows(1, 5), { newestSeq: 10 }));
    expect(buffer.missing.count).toBe(0);
  });

  test("are counted by status, and are an upper limit for another filter", () => {
    const buffer = new EventBuffer(LIMIT);
    buffer.apply(updateOf([...rows(1, 4, { status: "stored" }), rowWith({ seq: 5, status: "dead" })]));
    buffer.apply(updateOf(rows(6, 25)));
    const missing = (filter: Partial<typeof NO_FILTER>) => {
      buffer.filter({ ...NO_FILTER, ...filter }, new Set());
      return buffer.missing;
    };
    expect(missing({})).toEqual({ count: 5, isExact: true });
    expect(missing({ status: "stored" })).toEqual({ count: 4, isExact: true });
    expect(missing({ status: "dead" })).toEqual({ count: 1, isExact: true });
    expect(missing({ status: "filtered" })).toEqual({ count: 0, isExact: true });
    expect(missing({ type: "x", status: "stored" })).toEqual({ count: 4, isExact: false });
  });
});
