import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { sqsRecordsOf } from "./sqs-records";

/**
 * Returns the response that reports these records as failed. SQS delivers them again; Lambda deletes the others.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function reportBatchItemFailures(records: readonly SQSRecord[]): SQSBatchResponse {
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/**
 * Consumes each record of a batch separately. If `consume` throws, SQS delivers only that record again.
 *
 * @param onError - Called for each record that fails, for example to log the error.
 * @throws NotAnSqsEventError if the event is not a batch of SQS messages.
 * @example
 * export const handler = (event: SQSEvent) =>
 *   consumeEach(event, ({ body }) => notify(parseEnvelope(body)), (_, error) => console.error(error));
 */
export async function consumeEach(
  event: SQSEvent,
  consume: (record: SQSRecord) => void | Promise<void>,
  onError: (record: SQSRecord, error: Error) => void,
): Promise<SQSBatchResponse> {
  const failed: SQSRecord[] = [];
  for (const record of sqsRecordsOf(event)) {
    try {
      await consume(record);
    } catch (error) {
      onError(record, error as Error);
      failed.push(record);
    }
  }
  return reportBatchItemFailures(failed);
}
