import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { parseEnvelope } from "../event-processor/envelope";
import { log } from "../event-processor/log";

/**
 * A second subscriber, to copy: one log line for each event that its filter
 * policy lets through, where an alert to people would go.
 */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const { messageId, body } of event.Records) {
    try {
      log("INFO", "alert", { message_id: parseEnvelope(body).messageId });
    } catch (error) {
      log("ERROR", "record failed", { sqs_message_id: messageId, reason: (error as Error).message });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
