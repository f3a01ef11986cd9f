import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { excerpt } from "@event-pipeline/event-model/excerpt";
import { LOG_FIELDS, LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import { METRICS, METRICS_DIMENSIONS, METRICS_NAMESPACE } from "@event-pipeline/event-model/metrics";
import type { Context, SQSRecord } from "aws-lambda";
import { codeOf } from "./errors";
import type { FailedMessage, GroupOutcome } from "./event-processor";
import { groupByLogLine, loggedRecords } from "./logged-records";
import type { ParsedMessage } from "./messages";

const MAX_REASON_CHARACTERS = 600;
/** Maximum number of IDs in one log line, which keeps the line below CloudWatch's limit. */
const MAX_LOGGED_IDS = 1_000;
/** Maximum number of unreadable times in a batch's log. They most likely have the same publisher. */
const MAX_LOGGED_TIMES = 10;

const serviceName = process.env.AWS_LAMBDA_FUNCTION_NAME || "event-processor";
const logger = new Logger({ serviceName });
const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName });

/**
 * Logs the outcome of a batch and emits its metrics. A record that is refused, retried or stored after its expiry is logged
 * immediately. The batch is logged at its end.
 */
export class BatchTelemetry {
  private readonly start = performance.now();
  /** Metric values, in the order of emission. */
  private readonly counts = {
    stored: 0,
    folded: 0,
    refused: 0,
    retried: 0,
    timedOut: 0,
    expired: 0,
    unacknowledged: 0,
    unreadableTimes: 0,
  };
  private readonly unreadableTimes: object[] = [];
  private readonly refusedByCode = new Map<string, number>();
  private readonly ends: LoggedRecord[] = [];

  /**
   * @param contractsHash - SHA-256 of the contracts and the mapping; empty if there are none.
   * @param logsRecords - Whether the batch's log line lists its records.
   */
  constructor(
    context: Context,
    private readonly contractsHash: string,
    private readonly logsRecords: boolean,
  ) {
    logger.addContext(context);
  }

  add(outcome: GroupOutcome): void {
    const { stored, folded, refused, retried, timedOut, unacknowledged } = outcome;
    if (this.logsRecords) for (const end of loggedRecords(outcome)) this.ends.push(end);
    for (const failure of refused) logger.error(LOG_LINES.refused, fieldsOfFailure(failure));
    for (const failure of retried) logger.warn(LOG_LINES.retried, fieldsOfFailure(failure));
    for (const error of unacknowledged) logger.warn(LOG_LINES.unacknowledged, { [LOG_FIELDS.reason]: reasonOf(error) });
    logTimedOut(timedOut);
    // DynamoDB may delete an expired item immediately, before anybody reads it.
    const expired = stored.filter(({ item }) => Number(item?.item.expires_at) * 1_000 <= Date.now());
    for (const message of expired) {
      logger.warn(LOG_LINES.expired, { ...fieldsOf(message), expires_at: message.item?.item.expires_at });
    }
    for (const { envelope } of stored) {
      // SNS's clock may be ahead of this one.
      const ageMs = Math.max(0, Date.now() - Number(envelope?.timestamp));
      metrics.addMetric(METRICS.age, MetricUnit.Milliseconds, ageMs);
    }
    const unreadable = stored.flatMap(({ envelope, unreadableTime }) =>
      unreadableTime ? [{ sns_message_id: envelope?.messageId, ...unreadableTime }] : [],
    );
    this.unreadableTimes.push(...unreadable.slice(0, MAX_LOGGED_TIMES - this.unreadableTimes.length));
    for (const { error } of refused) {
      const code = codeOf(error);
      this.refusedByCode.set(code, (this.refusedByCode.get(code) ?? 0) + 1);
    }

    const { counts } = this;
    counts.stored += stored.length - folded;
    counts.folded += folded;
    counts.refused += refused.length;
    counts.retried += retried.length + timedOut.length;
    counts.timedOut += timedOut.length;
    counts.expired += expired.length;
    counts.unacknowledged += unacknowledged.length;
    counts.unreadableTimes += unreadable.length;
  }

  end(): void {
    const { stored, folded, refused, retried, unreadableTimes: count } = this.counts;
    if (count > 0) logger.warn(LOG_LINES.unreadableTimes, { count, times: this.unreadableTimes });
    const [ends, ...continued] = groupByLogLine(this.ends);
    logger.info(LOG_LINES.batch, {
      records: stored + folded + refused + retried,
      stored,
      duplicates_folded: folded,
      refused,
      retried,
      ...(this.contractsHash !== "" && { contracts: this.contractsHash }),
      duration_ms: Math.round(performance.now() - this.start),
      ...(this.logsRecords && { [LOG_FIELDS.ends]: ends }),
    });
    for (const more of continued) logger.info(LOG_LINES.batchContinued, { [LOG_FIELDS.ends]: more });
    for (const [name, count] of Object.entries(this.counts)) {
      metrics.addMetric(METRICS[name as keyof typeof this.counts], MetricUnit.Count, count);
    }
    metrics.publishStoredMetrics();
    // Refusals again, by error code.
    for (const [code, count] of this.refusedByCode) {
      metrics
        .singleMetric()
        .addDimension(METRICS_DIMENSIONS.code, code)
        .addMetric(METRICS.refused, MetricUnit.Count, count);
    }
  }
}

/** Logs many IDs in one line, because there is no time left for one line per record. */
function logTimedOut(records: readonly SQSRecord[]): void {
  for (let start = 0; start < records.length; start += MAX_LOGGED_IDS) {
    logger.warn(LOG_LINES.timedOut, {
      [LOG_FIELDS.reason]: "The time was up before anything was tried for them.",
      [LOG_FIELDS.messageIds]: records.slice(start, start + MAX_LOGGED_IDS).map(({ messageId }) => messageId),
    });
  }
}

function fieldsOfFailure({ message, error }: FailedMessage) {
  return { ...fieldsOf(message), error_code: codeOf(error), [LOG_FIELDS.reason]: reasonOf(error) };
}

function fieldsOf({ record, envelope }: ParsedMessage) {
  return {
    [LOG_FIELDS.messageId]: record.messageId,
    ...(envelope && { sns_message_id: envelope.messageId }),
    receive_count: Number(record.attributes?.ApproximateReceiveCount),
  };
}

function reasonOf({ message }: Error): string {
  return excerpt(message, MAX_REASON_CHARACTERS);
}
