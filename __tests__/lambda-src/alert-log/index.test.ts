import { captureOutput } from "@event-pipeline/testing/output";
import { envelopeOf, recordOf } from "@event-pipeline/testing/sqs-records";
import { handler } from "../../../lambda-src/alert-log/index";

it("logs one line per event, and reports records without an envelope as failed", async () => {
  const output = captureOutput();
  const bad = recordOf("no envelope");
  const Records = [
    recordOf(envelopeOf("{}", { MessageId: "m-1" })),
    bad,
    recordOf(envelopeOf("{}", { MessageId: "m-2" })),
  ];
  const response = await handler({ Records });
  output.restore();
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: bad.messageId }] });
  expect(output.lines()).toMatchObject([
    { level: "INFO", message: "alert", message_id: "m-1" },
    { level: "ERROR", sqs_message_id: bad.messageId, reason: expect.stringContaining("not JSON") },
    { level: "INFO", message: "alert", message_id: "m-2" },
  ]);
});
