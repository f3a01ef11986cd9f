import fc from "fast-check";
import type { EventRow } from "../../api";
import { listFilterOf, matcher, NO_FILTER, queryOf, STATUSES } from "../../page/list-filter";
import { rowWith } from "./event-rows";

const matches = (row: EventRow, filter: Partial<typeof NO_FILTER>, found: string[] = []) =>
  matcher({ ...NO_FILTER, ...filter }, new Set(found))(row);

test("restores any filter from the URL's query", () => {
  const filters = fc.record({
    type: fc.string({ unit: "grapheme" }),
    id: fc.string(),
    status: fc.constantFrom("", ...Object.keys(STATUSES)),
    text: fc.string({ unit: "grapheme" }),
  });
  fc.assert(fc.property(filters, (filter) => expect(listFilterOf(queryOf(filter))).toEqual(filter)));
});

test("ignores an unknown status", () => {
  expect(listFilterOf("?status=constructor")).toEqual(NO_FILTER);
});

test("requires type, ID, status and text to match, ignoring case", () => {
  const row = rowWith({ seq: 1, type: "scan.done", eventId: "scan-1", status: "dead", text: '{"title":"Überfall"}' });
  expect(matches(row, {})).toBe(true);
  expect(matches(row, { type: " SCAN " })).toBe(true);
  expect(matches(row, { id: row.messageId })).toBe(true);
  expect(matches(row, { text: "überfall", status: "dead" })).toBe(true);
  expect(matches(row, { text: "überfall", status: "stored" })).toBe(false);
  expect(matches(row, { type: "scan", id: "scan-2" })).toBe(false);
});

test("matches an event that the server found by its full text", () => {
  const row = rowWith({ seq: 1, text: "begin", isCut: true });
  expect(matches(row, { text: "far behind" })).toBe(false);
  expect(matches(row, { text: "far behind" }, [row.messageId])).toBe(true);
});

test("filters by the states that the tiles count", () => {
  const shown = (status: string) =>
    (["waiting", "retrying", "stored", "dead", "filtered"] as const).filter((of) =>
      matches(rowWith({ seq: 1, status: of }), { status }),
    );
  expect(shown("queued")).toEqual(["waiting", "retrying"]);
  expect(shown("dead")).toEqual(["dead"]);
  const stages = { queue: "done", function: "done", table: "failed", archive: "pending" } as const;
  expect(matches(rowWith({ seq: 1, status: "dead", stages }), { status: "processed" })).toBe(true);
  expect(matches(rowWith({ seq: 1 }), { status: "processed" })).toBe(false);
});

test("filters archived events by their stage", () => {
  const row = rowWith({ seq: 1, status: "stored" });
  expect(matches(row, { status: "archived" })).toBe(false);
  const stages = { ...row.stages, archive: "done" as const };
  expect(matches({ ...row, stages }, { status: "archived" })).toBe(true);
});
