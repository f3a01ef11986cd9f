import { Logger } from "@aws-lambda-powertools/logger";
import { parseEnvelope } from "@event-pipeline/event-model/envelope";
import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { consumeEach } from "../batch-response";

const logger = new Logger({ serviceName: process.env.AWS_LAMBDA_FUNCTION_NAME || "alert-log" });

/**
 * An example of a second subscriber. It logs one line per event that matches its filter policy. Replace the line with an
 * alert.
 */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return consumeEach(
    event,
    ({ body }) => logger.info("alert", { message_id: parseEnvelope(body).messageId }),
    ({ messageId }, { message }) =>
      logger.error("record failed", { [LOG_FIELDS.messageId]: messageId, [LOG_FIELDS.reason]: message }),
  );
}
