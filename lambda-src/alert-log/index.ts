import { Logger } from "@aws-lambda-powertools/logger";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { consumeEach } from "../batch-response";

const logger = new Logger({ serviceName: process.env.AWS_LAMBDA_FUNCTION_NAME || "alert-log" });

/**
 * A second subscriber, to copy: one log line for each event that its filter
 * policy lets through, where an alert to people would go.
 */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  return consumeEach(
    Records,
    ({ body }) => logger.info("alert", { message_id: parseEnvelope(body).messageId }),
    ({ messageId }, { message }) =>
      logger.error("record failed", { [LOG_FIELDS.messageId]: messageId, [LOG_FIELDS.reason]: message }),
  );
}
