import { Logger } from "@aws-lambda-powertools/logger";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { parseEnvelope } from "../event-processor/envelope";

const logger = new Logger({ serviceName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? "alert-log" });

/**
 * A second subscriber, to copy: one log line for each event that its filter
 * policy lets through, where an alert to people would go.
 */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const { messageId, body } of event.Records) {
    try {
      logger.info("alert", { message_id: parseEnvelope(body).messageId });
    } catch (error) {
      logger.error("record failed", { sqs_message_id: messageId, reason: (error as Error).message });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
