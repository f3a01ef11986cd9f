import {
  error,
  first,
  halfAnswerThenClose,
  halfAnswerThenSilence,
  refuse,
  reset,
  silence,
  takeOnly,
} from "../../helpers/faults";
import { goodRecords, HandlerUnderFaults } from "../../helpers/handler-under-faults";

const underTest = new HandlerUnderFaults();

describe("DynamoDB fails for a while", () => {
  it.each([
    ["throttles all", error(400, "ProvisionedThroughputExceededException")],
    ["throttles the client", error(400, "ThrottlingException")],
    ["throttles the account", error(400, "RequestLimitExceeded")],
    ["has an internal error", error(500, "InternalServerError")],
    ["is not available", error(503, "ServiceUnavailable")],
    ["resets connections", reset],
    ["sends half a response and disconnects", halfAnswerThenClose],
    ["does not find the table yet", error(400, "ResourceNotFoundException")],
    ["processes only some items", takeOnly(3)],
    ["processes no item", takeOnly(0)],
  ])("%s: the handler stores everything in the same invocation", async (_, fault) => {
    underTest.aws.faults = [first(2, "BatchWriteItem", fault)];
    expect(await underTest.process(goodRecords(10), 5_000)).toMatchObject({ stored: 10, deadLettered: 0, retried: 0 });
    expect(underTest.aws.items.size).toBe(10);
    expect(underTest.aws.requests).toHaveLength(3);
    expect(underTest.metric("EventsRetried")).toBe(0);
  });

  it("leaves items unprocessed: the handler retries only those", async () => {
    underTest.aws.faults = [first(1, "BatchWriteItem", takeOnly(7))];
    await underTest.process(goodRecords(10), 5_000);
    expect(underTest.aws.requests.map(({ items }) => items.length)).toEqual([10, 3]);
  });

  it("hangs, or stops halfway through a response: one request does not use up the batch's time", async () => {
    underTest.aws.faults = [first(1, "BatchWriteItem", silence), first(1, "BatchWriteItem", halfAnswerThenSilence)];
    const { stored, ms } = await underTest.process(goodRecords(50), 10_000);
    expect(stored).toBe(50);
    expect(underTest.aws.requests).toHaveLength(4);
    expect(ms).toBeLessThan(4_500);
  });
});

describe("DynamoDB refuses an item", () => {
  const isBad = (item: { event_id?: { S?: unknown } }) => item.event_id?.S === "e-4";

  it("the handler stores the other items, and dead-letters the refused one at the first attempt", async () => {
    underTest.aws.faults = [refuse(isBad)];
    expect(await underTest.process(goodRecords(10), 5_000)).toMatchObject({ stored: 9, deadLettered: 1, retried: 0 });
    expect(underTest.aws.letters[0]?.MessageAttributes.error_code?.StringValue).toBe("REFUSED_BY_DYNAMODB");
    expect(underTest.aws.letters[0]?.MessageAttributes.error_message?.StringValue).toContain("The item is bad.");
    expect(underTest.logged("record refused")).toEqual([
      expect.objectContaining({ level: "ERROR", error_code: "REFUSED_BY_DYNAMODB" }),
    ]);
    // The alarm table-refused-events uses exactly these dimensions.
    const byCode = underTest.lines().find((line) => "_aws" in line && "error_code" in line);
    expect(byCode).toMatchObject({
      EventsRefused: 1,
      service: "events",
      error_code: "REFUSED_BY_DYNAMODB",
      _aws: { CloudWatchMetrics: [{ Namespace: "EventPipeline", Dimensions: [["service", "error_code"]] }] },
    });
  });

  it("the handler does the same while every second request is throttled", async () => {
    let count = 0;
    underTest.aws.faults = [
      (request, response, fake) => {
        count += request.operation === "BatchWriteItem" ? 1 : 0;
        return count % 2 === 1 && request.operation === "BatchWriteItem" && takeOnly(0)(request, response, fake);
      },
      refuse(isBad),
    ];
    expect(await underTest.process(goodRecords(10), 10_000)).toMatchObject({ stored: 9, deadLettered: 1, retried: 0 });
  });
});
