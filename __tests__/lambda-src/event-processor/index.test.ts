import { silence } from "../../helpers/faults";
import { goodRecords, HandlerUnderFaults, NOT_JSON } from "../../helpers/handler-under-faults";
import { contextOf, recordOfEvent } from "../../helpers/sqs-records";

const underTest = new HandlerUnderFaults();

describe("all is well", () => {
  it("stores a batch with one request, one log line and its metrics", async () => {
    expect(await underTest.process(goodRecords(10), 5_000)).toMatchObject({ stored: 10, deadLettered: 0, retried: 0 });
    expect(underTest.aws.requests).toHaveLength(1);
    expect(underTest.lines().filter((line) => "level" in line)).toEqual([
      expect.objectContaining({ message: "batch processed", records: 10, stored: 10, refused: 0, retried: 0 }),
    ]);
    expect(underTest.metric("EventsStored")).toBe(10);
    expect(underTest.metric("EventAgeAtStorage")).toHaveLength(10);
  });

  it("folds events of one key and counts them", async () => {
    const event = { type: "a", id: "1", source: "s", time: "2026-01-01T00:00:00Z" };
    const { batchItemFailures } = await underTest.invoke(
      [recordOfEvent(event), recordOfEvent(event), recordOfEvent(event)],
      contextOf(5_000),
    );
    expect(batchItemFailures).toEqual([]);
    expect(underTest.aws.items.size).toBe(1);
    expect(underTest.metric("EventsStored")).toBe(1);
    expect(underTest.metric("DuplicatesFolded")).toBe(2);
  });

  it("answers an empty batch", async () => {
    expect(await underTest.process([], 5_000)).toMatchObject({ stored: 0, retried: 0 });
  });
});

it("answers although nothing does, and there is no time", async () => {
  underTest.aws.faults = [silence];
  const { batchItemFailures } = await underTest.invoke([...goodRecords(2), recordOfEvent(NOT_JSON)], {
    ...contextOf(0),
    getRemainingTimeInMillis: () => 0,
  });
  expect(batchItemFailures).toHaveLength(3);
});

it("says nothing of an event's content in its logs", async () => {
  await underTest.process(
    [recordOfEvent({ type: "a", password: "hunter2" }), recordOfEvent(["hunter2".repeat(100)])],
    5_000,
  );
  const text = JSON.stringify(underTest.lines());
  expect(text.length).toBeLessThan(5_000);
  expect(text).not.toContain("password");
});
