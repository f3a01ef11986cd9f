import { type Fault, receiptOf, reply } from "@event-pipeline/testing/fake-aws";
import { contextOf, recordOfEvent } from "@event-pipeline/testing/sqs-records";
import { always, error, first, reset, silence } from "../../helpers/faults";
import { goodRecords, HandlerUnderFaults, NOT_JSON } from "../../helpers/handler-under-faults";

const underTest = new HandlerUnderFaults();

describe("SQS fails", () => {
  const records = () => [...goodRecords(2), recordOfEvent(NOT_JSON), recordOfEvent("[]")];

  it.each([
    ["refuses", error(403, "AccessDeniedException"), "AccessDenied"],
    ["has errors", error(500, "InternalError"), "InternalError"],
    ["hangs", silence, "AbortError"],
  ])("%s: the handler reports the refused records as failed and stores the others", async (_, fault, reason) => {
    underTest.aws.faults = [first(always, "SendMessageBatch", fault)];
    expect(await underTest.process(records(), 2_000)).toMatchObject({ stored: 2, deadLettered: 0, retried: 2 });
    expect(underTest.logged("record handed back")[0]).toMatchObject({
      error_code: "NotDeadLetteredError",
      reason: expect.stringMatching(reason),
    });
    const reasons = underTest.logged("record handed back").map((line) => String(line.reason));
    for (const code of ["NOT_JSON", "NOT_AN_OBJECT"]) expect(reasons).toContainEqual(expect.stringContaining(code));
    expect(underTest.metric("EventsRefused")).toBe(0);
  });

  it("accepts one of two dead letters: the handler reports the other record as failed", async () => {
    underTest.aws.faults = [
      ({ operation, letters }, response, fake) => {
        const [one, other] = letters;
        if (operation !== "SendMessageBatch" || !one || !other) return false;
        fake.letters.push(one);
        const Failed = [{ Id: other.Id, SenderFault: false, Code: "InternalError", Message: "try again" }];
        reply(response, 200, { Successful: [receiptOf(one)], Failed });
        return true;
      },
    ];
    expect(await underTest.process(records(), 5_000)).toMatchObject({ stored: 2, deadLettered: 1, retried: 1 });
  });

  it("takes a second per request: no request times out while it waits for a connection", async () => {
    underTest.aws.latencyMs = 1_000;
    const many = Array.from({ length: 4_000 }, () => recordOfEvent(NOT_JSON));
    const { batchItemFailures } = await underTest.invoke(many, contextOf(100_000));
    expect(batchItemFailures).toEqual([]);
    // Five eighths of the requests wait longer than a request may take. If that counted, each of them would be sent twice.
    // A busy machine may be too slow for some of the others.
    expect(underTest.aws.letters.length).toBeGreaterThanOrEqual(4_000);
    expect(underTest.aws.letters.length).toBeLessThan(5_000);
  }, 120_000);

  it("refuses a request because of one large message: the handler sends the others without it", async () => {
    const tooLarge: Fault = ({ letters }, response, fake) =>
      letters.some(({ MessageBody }) => MessageBody.length > 9_000) &&
      error(400, "BatchRequestTooLong", "Batch requests cannot be longer than that.")(
        { operation: "SendMessageBatch", body: "", items: [], letters },
        response,
        fake,
      );
    underTest.aws.faults = [tooLarge];
    const nine = Array.from({ length: 9 }, () => recordOfEvent(NOT_JSON));
    const outcome = await underTest.process([...nine, recordOfEvent("x".repeat(9_000))], 5_000);
    expect(outcome).toMatchObject({ deadLettered: 9, retried: 1 });
  });

  it("closed the connection while the function was frozen: the handler sends again", async () => {
    underTest.aws.faults = [first(1, "SendMessageBatch", reset)];
    expect(await underTest.process(records(), 5_000)).toMatchObject({ stored: 2, deadLettered: 2, retried: 0 });
  });
});
