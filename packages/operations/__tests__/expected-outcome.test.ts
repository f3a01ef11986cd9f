import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { textOf, written } from "@event-pipeline/testing/json-texts";
import { envelopeOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { NO_CONTRACTS } from "../deployed-contracts";
import { expectedOutcome, expectedOutcomeKeyOnly } from "../expected-outcome";

const message = fc.oneof(
  { weight: 5, arbitrary: written.map((value) => textOf(value)) },
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('{"type":""}', '{"type":7}', '{"id":"\\ud800","type":"a"}', `{"type":"${"é".repeat(2_000)}"}`),
  // Sizes around the largest event that always fits, and around the largest item.
  fc
    .tuple(fc.constantFrom("x", "é", "\ud800", "0,"), fc.integer({ min: 1, max: 260_000 }))
    .map(([text, count]) => `{"type":"t","id":1,"text":["${text.repeat(count)}"]}`),
);

test("expectedOutcomeKeyOnly returns the same key and refusal as expectedOutcome", () => {
  fc.assert(
    fc.property(message, fc.constantFrom(0, 1, 90), (text, days) => {
      const envelope = parseEnvelope(envelopeOf(text));
      const [long, short] = [
        expectedOutcome(envelope, days, NO_CONTRACTS),
        expectedOutcomeKeyOnly(envelope, days, NO_CONTRACTS),
      ];
      expect(short.refusal?.code).toBe(long.refusal?.code);
      expect([short.item?.event_type, short.item?.timestamp_id, short.item?.expires_at]).toEqual([
        long.item?.event_type,
        long.item?.timestamp_id,
        long.item?.expires_at,
      ]);
    }),
    { numRuns: 400 },
  );
});
