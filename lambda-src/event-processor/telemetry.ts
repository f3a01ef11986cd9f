import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import { RefusedMessageError } from "./errors";
import { excerpt } from "./excerpt";
import type { Message } from "./message";

/** How the records of one batch fared; each is counted once. */
export interface BatchReport {
  /** Those whose events are in the table. */
  readonly stored: readonly Message[];
  /** How many of them another event of the same key stands for. */
  readonly folded: number;
  /** Those that are in the dead-letter queue. */
  readonly refused: readonly Failure[];
  /** Those that SQS will deliver again. */
  readonly retried: readonly Failure[];
}

export interface Failure {
  readonly message: Message;
  readonly error: Error;
}

const MAX_REASON_CHARACTERS = 600;

const serviceName = process.env.AWS_LAMBDA_FUNCTION_NAME ?? "event-processor";
const logger = new Logger({ serviceName });
const metrics = new Metrics({ namespace: "EventPipeline", serviceName });

/**
 * Writes what an operator sees: one line for the batch, one for each record
 * that is not stored, and the metrics, by the dimension `service`.
 *
 * @param durationMs - Milliseconds that the batch took.
 */
export function report({ stored, folded, refused, retried }: BatchReport, durationMs: number, context: Context): void {
  logger.addContext(context);
  for (const failure of refused) logger.error("record refused", fieldsOf(failure));
  for (const failure of retried) logger.warn("record handed back", fieldsOf(failure));
  logger.info("batch processed", {
    records: stored.length + refused.length + retried.length,
    stored: stored.length - folded,
    duplicates_folded: folded,
    refused: refused.length,
    retried: retried.length,
    duration_ms: Math.round(durationMs),
  });

  metrics.addMetric("EventsStored", MetricUnit.Count, stored.length - folded);
  metrics.addMetric("DuplicatesFolded", MetricUnit.Count, folded);
  metrics.addMetric("EventsRefused", MetricUnit.Count, refused.length);
  metrics.addMetric("EventsRetried", MetricUnit.Count, retried.length);
  for (const { envelope } of stored) {
    // SNS's clock is not this machine's: an age may come out a little below nothing.
    const ageMs = Math.max(0, Date.now() - Number(envelope?.timestamp));
    metrics.addMetric("EventAgeAtStorage", MetricUnit.Milliseconds, ageMs);
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
    metrics.singleMetric().addDimension("error_code", code).addMetric("EventsRefused", MetricUnit.Count, count);
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
