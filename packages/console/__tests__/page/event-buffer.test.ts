import { batchOf, rowWith } from "@event-pipeline/testing/event-rows";
import fc from "fast-check";
import type { EventRow } from "../../api";
import { EventStore } from "../../page/event-store";
import { NO_FILTER } from "../../page/filter";

const LIMIT = 20;
const seqs = (store: EventStore) => store.shown.map(({ seq }) => seq);
const rows = (from: number, to: number, change: Partial<EventRow> = {}) =>
  Array.from({ length: to - from + 1 }, (_, index) => rowWith({ ...change, seq: from + index }));

test("whatever comes in whatever order, the list has the newest, once each, newest first", () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }), { maxLength: 8 });
  fc.assert(
    fc.property(batches, (arrivals) => {
      const store = new EventStore(LIMIT);
      for (const arrival of arrivals) store.apply(batchOf(arrival.map((seq) => rowWith({ seq }))));
      const shown = seqs(store);
      expect(shown).toEqual([...new Set(shown)].sort((one, other) => other - one));
      expect(store.size).toBeLessThanOrEqual(LIMIT);
      if (arrivals.length === 1) {
        const newest = [...new Set(arrivals[0])].sort((one, other) => other - one);
        expect(shown).toEqual(newest.slice(0, LIMIT));
      }
    }),
  );
});

test("a list that is held keeps its rows, counts what comes, and stays bounded", () => {
  const store = new EventStore(LIMIT);
  store.apply(batchOf(rows(1, 20)));
  store.hold();
  for (let seq = 21; seq <= 200; seq += 1) store.apply(batchOf(rows(seq, seq)));
  expect(seqs(store)).toEqual(rows(1, 20).map(({ seq }) => 21 - seq));
  expect(store.size).toBe(2 * LIMIT);
  expect(store.waiting).toBe(LIMIT);
  store.release();
  expect(seqs(store)).toEqual(rows(181, 200).map(({ seq }) => 381 - seq));
});

test("a held row still shows what becomes of its event", () => {
  const store = new EventStore(LIMIT);
  store.apply(batchOf(rows(1, 3)));
  store.hold();
  store.apply(batchOf([rowWith({ seq: 2, status: "stored" })]));
  expect(store.shown.map(({ status }) => status)).toEqual(["waiting", "stored", "waiting"]);
});

test("an event leaves the list when it no longer matches, and comes when it does", () => {
  const store = new EventStore(LIMIT);
  store.filter({ ...NO_FILTER, status: "stored" }, new Set());
  store.apply(batchOf(rows(1, 3)));
  expect(seqs(store)).toEqual([]);
  store.apply(batchOf([rowWith({ seq: 2, status: "stored" })]));
  expect(seqs(store)).toEqual([2]);
});

test("types are offered the most frequent first, and forgotten with their last event", () => {
  const store = new EventStore(LIMIT);
  store.apply(batchOf([...rows(1, 5, { type: "often" }), rowWith({ seq: 6, type: "once" })]));
  expect(store.types(10)).toEqual(["often", "once"]);
  store.apply(batchOf(rows(7, 6 + LIMIT, { type: "new" })));
  expect(store.types(10)).toEqual(["new"]);
});

test("what was missed adds up", () => {
  const store = new EventStore(LIMIT);
  store.apply(batchOf([], { dropped: 3 }));
  store.apply(batchOf([], { dropped: 4 }));
  expect(store.missed).toBe(7);
});
