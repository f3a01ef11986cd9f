import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { type EndedRecord, LOG_FIELDS, LOG_LINES } from "@event-pipeline/event-model/log-lines";
import { METRICS, METRICS_DIMENSIONS, METRICS_NAMESPACE } from "@event-pipeline/event-model/metrics";
import { RefusedMessageError } from "@event-pipeline/event-model/refusal";
import type { Context, SQSRecord } from "aws-lambda";
import { endedRecords, groupedInLines } from "./ended-records";
import type { Message } from "./message";
import type { Failure, Outcome } from "./outcome";

const MAX_REASON_CHARACTERS = 600;
/** Ids in one log line, which CloudWatch cuts off at 256 KB. */
const MAX_LOGGED_IDS = 1_000;

const serviceName = process.env.AWS_LAMBDA_FUNCTION_NAME || "event-processor";
const logger = new Logger({ serviceName });
const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName });

/**
 * Writes what an operator sees: a line for each record that is not stored as it
 * should be as soon as that is known, one for the batch at its end, and the
 * metrics, by the dimension `service`.
 */
export class BatchTelemetry {
  private readonly start = performance.now();
  private readonly counts = {
    records: 0,
    stored: 0,
    folded: 0,
    refused: 0,
    retried: 0,
    outOfTime: 0,
    expired: 0,
    unacknowledged: 0,
  };
  private readonly refusedByCode = new Map<string, number>();

  private readonly ends: EndedRecord[] = [];

  /** @param logsRecords - Whether the line of the batch says of each record what became of it. */
  constructor(
    context: Context,
    private readonly logsRecords: boolean,
  ) {
    logger.addContext(context);
  }

  add(outcome: Outcome): void {
    const { stored, folded, refused, retried, late, unacknowledged } = outcome;
    if (this.logsRecords) for (const end of endedRecords(outcome)) this.ends.push(end);
    for (const failure of refused) logger.error(LOG_LINES.refused, fieldsOfFailure(failure));
    for (const failure of retried) logger.warn(LOG_LINES.retried, fieldsOfFailure(failure));
    for (const error of unacknowledged) logger.warn(LOG_LINES.unacknowledged, { [LOG_FIELDS.reason]: reasonOf(error) });
    logLate(late);
    const expired = stored.filter(isExpired);
    for (const message of expired) {
      logger.warn(LOG_LINES.expired, { ...fieldsOf(message), expires_at: message.item?.item.expires_at });
    }
    for (const { envelope } of stored) {
      // SNS's clock is not this machine's: an age may come out a little below nothing.
      const ageMs = Math.max(0, Date.now() - Number(envelope?.timestamp));
      metrics.addMetric(METRICS.age, MetricUnit.Milliseconds, ageMs);
    }
    for (const { error } of refused)
      this.refusedByCode.set(codeOf(error), (this.refusedByCode.get(codeOf(error)) ?? 0) + 1);

    const { counts } = this;
    counts.records += stored.length + refused.length + retried.length + late.length;
    counts.stored += stored.length - folded;
    counts.folded += folded;
    counts.refused += refused.length;
    counts.retried += retried.length + late.length;
    counts.outOfTime += late.length;
    counts.expired += expired.length;
    counts.unacknowledged += unacknowledged.length;
  }

  end(): void {
    const { records, stored, folded, refused, retried, outOfTime, expired, unacknowledged } = this.counts;
    const [ends, ...continued] = groupedInLines(this.ends);
    logger.info(LOG_LINES.batch, {
      records,
      stored,
      duplicates_folded: folded,
      refused,
      retried,
      duration_ms: Math.round(performance.now() - this.start),
      ...(this.logsRecords && { [LOG_FIELDS.ends]: ends }),
    });
    for (const more of continued) logger.info(LOG_LINES.batchContinued, { [LOG_FIELDS.ends]: more });
    metrics.addMetric(METRICS.stored, MetricUnit.Count, stored);
    metrics.addMetric(METRICS.folded, MetricUnit.Count, folded);
    metrics.addMetric(METRICS.refused, MetricUnit.Count, refused);
    metrics.addMetric(METRICS.retried, MetricUnit.Count, retried);
    metrics.addMetric(METRICS.outOfTime, MetricUnit.Count, outOfTime);
    metrics.addMetric(METRICS.expired, MetricUnit.Count, expired);
    metrics.addMetric(METRICS.unacknowledged, MetricUnit.Count, unacknowledged);
    metrics.publishStoredMetrics();
    // Refusals once more, by why.
    for (const [code, count] of this.refusedByCode) {
      metrics
        .singleMetric()
        .addDimension(METRICS_DIMENSIONS.code, code)
        .addMetric(METRICS.refused, MetricUnit.Count, count);
    }
  }
}

/** There was no time for these, nor is there now: a line for many of them. */
function logLate(late: readonly SQSRecord[]): void {
  for (let start = 0; start < late.length; start += MAX_LOGGED_IDS) {
    logger.warn(LOG_LINES.late, {
      [LOG_FIELDS.reason]: "The time was up before anything was tried for them.",
      [LOG_FIELDS.messageIds]: late.slice(start, start + MAX_LOGGED_IDS).map(({ messageId }) => messageId),
    });
  }
}

/** DynamoDB deletes such an item within days, as soon as it may: who looks for it may find nothing. */
function isExpired({ item }: Message): boolean {
  const expiresAt = item?.item.expires_at;
  return expiresAt !== undefined && expiresAt * 1_000 <= Date.now();
}

function fieldsOfFailure({ message, error }: Failure) {
  return { ...fieldsOf(message), error_code: codeOf(error), [LOG_FIELDS.reason]: reasonOf(error) };
}

function fieldsOf({ record, envelope }: Message) {
  return {
    [LOG_FIELDS.messageId]: record.messageId,
    ...(envelope && { sns_message_id: envelope.messageId }),
    receive_count: Number(record.attributes?.ApproximateReceiveCount),
  };
}

function reasonOf({ message }: Error): string {
  return excerpt(message, MAX_REASON_CHARACTERS);
}

function codeOf(error: Error): string {
  return error instanceof RefusedMessageError ? error.code : error.name;
}
