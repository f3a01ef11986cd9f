import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { parseEnvelope } from "./envelope";
import { readEnvironment } from "./environment";
import { type EventItem, toEventItem } from "./event-item";
import { EventTable } from "./event-table";
import { log } from "./log";

/** Milliseconds kept back from Lambda's timeout, to answer before it strikes. */
const RESERVE_MS = 1_000;

const environment = readEnvironment(process.env);
const table = new EventTable(environment.tableName);

/**
 * Stores one batch. A record that fails is named in `batchItemFailures`, so
 * that SQS delivers it again or, in the end, moves it to the dead-letter queue;
 * the others are stored.
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const failures = new Map<SQSRecord, Error>();
  const itemByRecord = new Map<SQSRecord, EventItem>();
  for (const record of event.Records) {
    try {
      itemByRecord.set(record, toEventItem(parseEnvelope(record.body), environment.eventTtlDays));
    } catch (error) {
      failures.set(record, error as Error);
    }
  }

  const errors = await table.store([...itemByRecord.values()], () => context.getRemainingTimeInMillis() - RESERVE_MS);
  for (const [record, item] of itemByRecord) {
    const error = errors.get(item);
    if (error) failures.set(record, error);
  }

  report(event.Records.length, failures, context);
  return { batchItemFailures: [...failures.keys()].map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

function report(records: number, failures: ReadonlyMap<SQSRecord, Error>, { awsRequestId }: Context): void {
  for (const [record, error] of failures) {
    log("ERROR", "record failed", {
      request_id: awsRequestId,
      sqs_message_id: record.messageId,
      receive_count: Number(record.attributes.ApproximateReceiveCount),
      error: error.name,
      reason: error.message,
    });
  }
  log("INFO", "batch processed", {
    request_id: awsRequestId,
    records,
    stored: records - failures.size,
    failed: failures.size,
  });
}
