import { EventContracts } from "@event-pipeline/contracts/event-contracts";
import type { LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { groupByLogLine, loggedRecords } from "../../../lambda-src/event-processor/logged-records";
import { parseMessage } from "../../../lambda-src/event-processor/messages";

/** CloudWatch's former limit for one log event, without the fields of Powertools. */
const MAX_BYTES = 256 * 1_024 - 2_000;

const NOTHING = { stored: [], folded: 0, refused: [], retried: [], timedOut: [], unacknowledged: [] };

test("the log lines of a batch are within the limit, and list every record once and in order", () => {
  const end = fc.record({
    sns_message_id: fc.uuid(),
    end: fc.constant("stored" as const),
    event_type: fc.string({ unit: fc.constantFrom("a", "\u0001", "€", "😀", '"'), maxLength: 2_048 }),
    timestamp_id: fc.string({ unit: fc.constantFrom("a", "\u0001", "€"), maxLength: 1_024 }),
  });
  fc.assert(
    fc.property(fc.array(end, { maxLength: 400, size: "max" }), (ends: LoggedRecord[]) => {
      const lines = groupByLogLine(ends);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.flat()).toEqual(ends);
      for (const line of lines) expect(Buffer.byteLength(JSON.stringify(line))).toBeLessThan(MAX_BYTES);
    }),
    { numRuns: 50, interruptAfterTimeLimit: 4_000 },
  );
});

test("ten events with ordinary keys take one line", () => {
  const ends = Array.from({ length: 10 }, () => ({ end: "stored" as const, event_type: "x".repeat(40) }));
  expect(groupByLogLine(ends)).toHaveLength(1);
});

test("a record has SNS's MessageId, or else SQS's, and its receive count", () => {
  const again = { attributes: { ApproximateReceiveCount: "3" } as never };
  const read = parseMessage(
    recordOf(envelopeOf('{"type":"a"}', { MessageId: "sns-1" }), again),
    EventContracts.NONE,
    0,
  );
  const foreign = parseMessage(recordOf("no envelope", { messageId: "sqs-2" }), EventContracts.NONE, 0);
  const late = recordOf("unread", { messageId: "sqs-3" });
  const error = foreign.error as Error;
  expect(
    loggedRecords({
      ...NOTHING,
      retried: [{ message: read, error }],
      refused: [{ message: foreign, error }],
      timedOut: [late],
    }),
  ).toEqual([
    { sqs_message_id: "sqs-2", end: "refused", error_code: "NOT_AN_ENVELOPE" },
    expect.objectContaining({ sns_message_id: "sns-1", end: "retried", event_type: "a", receive_count: 3 }),
    { sqs_message_id: "sqs-3", end: "late" },
  ]);
});
