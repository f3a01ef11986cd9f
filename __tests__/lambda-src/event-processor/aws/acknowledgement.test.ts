import { crc32 } from "node:zlib";
import type { WireItem } from "@event-pipeline/testing/fake-aws";
import { always, answer, first, takeOnly } from "../../../helpers/faults";
import { goodRecords, HandlerUnderFaults } from "../../../helpers/handler-under-faults";

const underTest = new HandlerUnderFaults();

const unprocessed = (table: string, item: WireItem) =>
  JSON.stringify({ UnprocessedItems: { [table]: [{ PutRequest: { Item: item } }] } });
const foreign = { event_type: { S: "scan.done" }, timestamp_id: { S: "never sent" } };
const EMPTY = '{"UnprocessedItems":{}}';

describe.each([
  ["an empty body", 200, ""],
  ["no content", 204, ""],
  ["an object without UnprocessedItems", 200, "{}"],
  ["null", 200, "null"],
  ["a list", 200, "[]"],
  ["a string", 200, '"ok"'],
  ["an HTML page", 200, "<html>"],
  ["half a response", 200, '{"UnprocessedItems":{}'],
  ["an error with status 200", 200, '{"__type":"InternalServerError","message":"sorry"}'],
  ["UnprocessedItems null", 200, '{"UnprocessedItems":null}'],
  ["UnprocessedItems a string", 200, '{"UnprocessedItems":"none"}'],
  ["UnprocessedItems a list", 200, '{"UnprocessedItems":[]}'],
  ["UnprocessedItems for another table", 200, unprocessed("others", foreign)],
  ["UnprocessedItems for an item that was not sent", 200, unprocessed("events", foreign)],
  ["UnprocessedItems that are not a list", 200, '{"UnprocessedItems":{"events":{}}}'],
  ["UnprocessedItems that are not requests", 200, '{"UnprocessedItems":{"events":[null]}}'],
])("DynamoDB responds with %s", (_, status, body) => {
  it("treats no item as stored, logs a warning, and stores all items with the next request", async () => {
    underTest.aws.faults = [first(1, "BatchWriteItem", answer(status, body))];
    expect(await underTest.process(goodRecords(3), 5_000)).toMatchObject({ stored: 3, retried: 0 });
    expect(underTest.aws.requests).toHaveLength(2);
    expect(underTest.aws.items.size).toBe(3);
    expect(underTest.metric("WritesUnacknowledged")).toBe(1);
    expect(underTest.logged("write not acknowledged")).toEqual([
      expect.objectContaining({
        level: "WARN",
        reason: expect.stringContaining("does not say what became of the items"),
      }),
    ]);
  });
});

describe("a response's CRC32", () => {
  const withCrc = (crc: number) => answer(200, EMPTY, { "x-amz-crc32": String(crc) });

  it("may be absent", async () => {
    underTest.aws.faults = [first(1, "BatchWriteItem", answer(200, EMPTY))];
    await underTest.process([], 5_000);
    expect(underTest.metric("WritesUnacknowledged")).toBe(0);
  });

  it("is verified: the handler trusts a response only if the CRC32 is right", async () => {
    underTest.aws.faults = [first(1, "BatchWriteItem", withCrc(crc32(EMPTY) ^ 1))];
    expect(await underTest.process(goodRecords(1), 5_000)).toMatchObject({ stored: 1 });
    expect(underTest.logged("write not acknowledged")[0]?.reason).toContain("CRC32");
    underTest.reset();
    underTest.aws.faults = [takeOnly(1), withCrc(crc32(EMPTY))];
    expect(await underTest.process(goodRecords(1), 5_000)).toMatchObject({ stored: 1 });
    expect(underTest.aws.requests).toHaveLength(1);
  });
});

// Last, because the request that the deadline aborts may reach the fake after the test.
it("reports records as failed if no response ever acknowledges them", async () => {
  underTest.aws.faults = [first(always, "BatchWriteItem", answer(200, "{}"))];
  expect(await underTest.process(goodRecords(2), 1_000)).toMatchObject({ stored: 0, retried: 2 });
  expect(underTest.logged("record handed back")[0]?.reason).toContain("UnacknowledgedError");
});
