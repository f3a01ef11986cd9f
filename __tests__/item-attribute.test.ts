// An attribute that is added to ITEM_ATTRIBUTES appears wherever items are shown.
import { csvOf } from "@event-pipeline/cli/events/list";
import { SHOWN_ATTRIBUTES, type WireItem } from "@event-pipeline/event-model/item/attributes";
import { bytesExceptData, surelyFits } from "@event-pipeline/event-model/item/item";
import { storedEvent, storedEventJson } from "@event-pipeline/operations/table/stored-event";
import { itemJson } from "@event-pipeline/operations/table/stored-item";
import { itemOfEvent } from "@event-pipeline/testing/items";
import { withTables } from "../tools/tables";

jest.mock("@event-pipeline/event-model/item/attributes", () => {
  const actual = jest.requireActual("@event-pipeline/event-model/item/attributes");
  const agent = { type: "S", optional: true, shown: true, maxBytes: 20_000, meaning: "the agent that published it" };
  return {
    ...actual,
    ITEM_ATTRIBUTES: { ...actual.ITEM_ATTRIBUTES, agent },
    ATTRIBUTE_NAMES: [...actual.ATTRIBUTE_NAMES, "agent"],
    SHOWN_ATTRIBUTES: [...actual.SHOWN_ATTRIBUTES, "agent"],
  };
});

const item = {
  event_type: { S: "scan.done" },
  timestamp_id: { S: "2026-01-02T03:04:05.678Z#m-1" },
  event_id: { S: "m-1" },
  message_id: { S: "m-1" },
  received_at: { S: "2026-01-02T03:04:05.678Z" },
  data: { M: { n: { N: "1" } } },
  agent: { S: "seven" },
};
const stored = storedEvent(item as WireItem);

test("--json shows it", () => {
  expect(JSON.parse(storedEventJson(stored))).toMatchObject({
    event_type: "scan.done",
    agent: "seven",
    data: { n: 1 },
  });
});

test("--csv has a column of it", () => {
  expect(SHOWN_ATTRIBUTES).toContain("agent");
  expect(csvOf(stored).split(",")).toContain("seven");
});

test("the console shows it, and an attribute that the pipeline does not know", () => {
  const shown = itemJson({ ...item, other: { NS: ["1", "12345678901234567890"] } } as Parameters<typeof itemJson>[0]);
  expect(JSON.parse(shown)).toMatchObject({ agent: "seven", data: { n: 1 } });
  expect(shown).toMatch(/^\{"event_type":.*"other":\[1,12345678901234567890\]\}$/);
});

test("docs/events.md lists it", () => {
  expect(withTables("docs/events.md")).toContain("`agent`");
});

test("it counts toward the size of the item", () => {
  const done = itemOfEvent({ type: "scan.done" });
  expect(bytesExceptData({ ...done, agent: "seven" } as typeof done)).toBe(bytesExceptData(done) + "agentseven".length);
});

test("the room for the event is smaller by its maximum size", () => {
  const fits = (length: number) => surelyFits({ text: "x".repeat(length) });
  const room = 409_600 - "agent".length - 20_000;
  // A character takes up to six bytes.
  expect([fits(Math.floor((room - 8_192) / 6)), fits(Math.floor(room / 6))]).toEqual([true, false]);
});
