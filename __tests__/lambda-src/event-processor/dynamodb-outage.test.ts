import { recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { always, error, first, halfAnswerThenSilence, reset, silence, takeOnly } from "../../helpers/faults";
import { goodRecords, HandlerUnderFaults, NOT_JSON } from "../../helpers/handler-under-faults";

const underTest = new HandlerUnderFaults();

describe("DynamoDB fails until the deadline", () => {
  it.each([
    ["throttles", error(400, "ProvisionedThroughputExceededException"), "ProvisionedThroughputExceededException"],
    ["has errors", error(500, "InternalServerError"), "InternalServerError"],
    ["resets connections", reset, "ECONNRESET|socket hang up"],
    ["hangs", silence, "AbortError|TimeoutError"],
    ["stops halfway", halfAnswerThenSilence, "AbortError|TimeoutError|aborted"],
    ["does not find the table", error(400, "ResourceNotFoundException"), "ResourceNotFoundException"],
    ["processes no item", takeOnly(0), "unprocessed"],
  ])("%s: the handler reports all records as failed before a timeout of two seconds", async (_, fault, reason) => {
    underTest.aws.faults = [first(always, "BatchWriteItem", fault)];
    const records = [...goodRecords(4), recordOfEvent(NOT_JSON)];
    expect(await underTest.process(records, 2_000)).toMatchObject({ stored: 0, deadLettered: 1, retried: 4 });
    expect(underTest.logged("record handed back")).toHaveLength(4);
    expect(underTest.logged("record handed back")[0]).toMatchObject({
      level: "WARN",
      sqs_message_id: records[0]?.messageId,
      sns_message_id: expect.stringContaining("5a1f6d1c"),
      error_code: "NotStoredError",
      reason: expect.stringMatching(reason),
    });
    expect(underTest.metric("EventsRetried")).toBe(4);
    expect(underTest.metric("EventsRefused")).toBe(1);
  });

  it("stores only some items: the handler reports only the others as failed", async () => {
    const hot = (id: number) => id >= 6;
    underTest.aws.faults = [
      (request, response, fake) =>
        request.operation === "BatchWriteItem" &&
        takeOnly(request.items.filter((item) => !hot(Number(String(item.event_id?.S).slice(2)))).length)(
          request,
          response,
          fake,
        ),
    ];
    expect(await underTest.process(goodRecords(10), 1_000)).toMatchObject({ stored: 6, deadLettered: 0, retried: 4 });
  });
});
