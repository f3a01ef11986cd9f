import { recordOf } from "@event-pipeline/testing/sqs-records";
import fc from "fast-check";
import { consumeEach, reportBatchItemFailures } from "../../lambda-src/batch-response";

it("reports only the records for which consume throws, and calls onError for each", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("ok", "throws", "rejects"), { maxLength: 12 }), async (fates) => {
      const records = fates.map((fate) => recordOf(fate));
      const told: string[] = [];
      const response = await consumeEach(
        { Records: records },
        ({ body }) => {
          if (body === "throws") throw new Error(body);
          return body === "rejects" ? Promise.reject(new Error(body)) : undefined;
        },
        ({ messageId }, { message }) => told.push(`${messageId} ${message}`),
      );
      const failed = records.filter(({ body }) => body !== "ok");
      expect(response).toEqual(reportBatchItemFailures(failed));
      expect(told).toEqual(failed.map(({ messageId, body }) => `${messageId} ${body}`));
    }),
  );
});

it("identifies a record by its SQS message ID, as Lambda requires", () => {
  expect(reportBatchItemFailures([recordOf("", { messageId: "a" })])).toEqual({
    batchItemFailures: [{ itemIdentifier: "a" }],
  });
  expect(reportBatchItemFailures([])).toEqual({ batchItemFailures: [] });
});
