import type { Socket } from "node:net";
import { recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { always, dripping, endless, first } from "../../../helpers/faults";
import { goodRecords, HandlerUnderFaults, NOT_JSON } from "../../../helpers/handler-under-faults";

const underTest = new HandlerUnderFaults();

/** Maximum unread bytes in the two sockets of a connection. A reader without a limit reads gigabytes per second. */
const MAX_SENT_BYTES = 24 * 1_024 * 1_024;

describe.each([
  ["a response", 200, '{"UnprocessedItems":{}'],
  ["an error", 500, '{"__type":"InternalServerError"'],
  ["a refusal", 400, '{"__type":"ValidationException"'],
])("%s without an end", (_, status, begin) => {
  it("from DynamoDB: stops reading, and reports the records as failed", async () => {
    const sockets: Socket[] = [];
    underTest.aws.faults = [first(always, "BatchWriteItem", endless(status, begin, sockets))];
    const records = [...goodRecords(3), recordOfEvent(NOT_JSON)];
    expect(await underTest.process(records, 3_000)).toMatchObject({ stored: 0, deadLettered: 1, retried: 3 });
    expect(sockets.length).toBeGreaterThan(0);
    for (const { bytesWritten } of sockets) expect(bytesWritten).toBeLessThan(MAX_SENT_BYTES);
    expect(underTest.logged("record handed back")[0]?.reason).toContain("AnswerTooLargeError");
  });

  it("from SQS: stops reading, reports the refused record as failed, and stores the others", async () => {
    const sockets: Socket[] = [];
    underTest.aws.faults = [first(always, "SendMessageBatch", endless(status, begin, sockets))];
    const records = [...goodRecords(3), recordOfEvent(NOT_JSON)];
    expect(await underTest.process(records, 3_000)).toMatchObject({ stored: 3, deadLettered: 0, retried: 1 });
    for (const { bytesWritten } of sockets) expect(bytesWritten).toBeLessThan(MAX_SENT_BYTES);
    expect(underTest.logged("record handed back")[0]?.reason).toContain("AnswerTooLargeError");
  });
});

it("stores all records with the next request after one response without an end", async () => {
  underTest.aws.faults = [first(1, "BatchWriteItem", endless(200, "{"))];
  expect(await underTest.process(goodRecords(10), 5_000)).toMatchObject({ stored: 10, retried: 0 });
  expect(underTest.aws.requests).toHaveLength(2);
});

it("returns before the deadline when a response arrives byte by byte", async () => {
  underTest.aws.faults = [dripping];
  const records = [...goodRecords(3), recordOfEvent(NOT_JSON)];
  expect(await underTest.process(records, 2_000)).toMatchObject({ stored: 0, deadLettered: 0, retried: 4 });
});
