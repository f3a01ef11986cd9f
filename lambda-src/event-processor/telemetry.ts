import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import { LOG_LINES } from "../../contract/log-lines";
import { METRICS, METRICS_DIMENSIONS, METRICS_NAMESPACE } from "../../contract/metrics";
import { excerpt } from "../consumer/excerpt";
import { RefusedMessageError } from "../consumer/refused-message-error";
import type { BatchReport, Failure } from "./batch-report";

const MAX_REASON_CHARACTERS = 600;

const serviceName = process.env.AWS_LAMBDA_FUNCTION_NAME ?? "event-processor";
const logger = new Logger({ serviceName });
const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName });

/**
 * Writes what an operator sees: one line for the batch, one for each record
 * that is not stored, and the metrics, by the dimension `service`.
 *
 * @param durationMs - Milliseconds that the batch took.
 */
export function report({ stored, folded, refused, retried }: BatchReport, durationMs: number, context: Context): void {
  logger.addContext(context);
  for (const failure of refused) logger.error(LOG_LINES.refused, fieldsOf(failure));
  for (const failure of retried) logger.warn(LOG_LINES.retried, fieldsOf(failure));
  logger.info(LOG_LINES.batch, {
    records: stored.length + refused.length + retried.length,
    stored: stored.length - folded,
    duplicates_folded: folded,
    refused: refused.length,
    retried: retried.length,
    duration_ms: Math.round(durationMs),
  });

  metrics.addMetric(METRICS.stored, MetricUnit.Count, stored.length - folded);
  metrics.addMetric(METRICS.folded, MetricUnit.Count, folded);
  metrics.addMetric(METRICS.refused, MetricUnit.Count, refused.length);
  metrics.addMetric(METRICS.retried, MetricUnit.Count, retried.length);
  for (const { envelope } of stored) {
    // SNS's clock is not this machine's: an age may come out a little below nothing.
    const ageMs = Math.max(0, Date.now() - Number(envelope?.timestamp));
    metrics.addMetric(METRICS.age, MetricUnit.Milliseconds, ageMs);
  }
  metrics.publishStoredMetrics();
  countRefusals(refused);
}

/** EventsRefused once more, by the dimension `error_code`. */
function countRefusals(refused: readonly Failure[]): void {
  const countByCode = new Map<string, number>();
  for (const { error } of refused) {
    const code = codeOf(error);
    countByCode.set(code, (countByCode.get(code) ?? 0) + 1);
  }
  for (const [code, count] of countByCode) {
    metrics
      .singleMetric()
      .addDimension(METRICS_DIMENSIONS.code, code)
      .addMetric(METRICS.refused, MetricUnit.Count, count);
  }
}

function fieldsOf({ message: { record, envelope }, error }: Failure) {
  return {
    sqs_message_id: record.messageId,
    ...(envelope && { sns_message_id: envelope.messageId }),
    receive_count: Number(record.attributes?.ApproximateReceiveCount),
    error_code: codeOf(error),
    reason: excerpt(error.message, MAX_REASON_CHARACTERS),
  };
}

function codeOf(error: Error): string {
  return error instanceof RefusedMessageError ? error.code : error.name;
}
