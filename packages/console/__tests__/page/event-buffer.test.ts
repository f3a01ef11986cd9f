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

test("adds up dropped events", () => {
  const buffer = new EventBuffer(LIMIT);
  buffer.apply(updateOf([], { dropped: 3 }));
  buffer.apply(updateOf([], { dropped: 4 }));
  expect(buffer.dropped).toBe(7);
});
