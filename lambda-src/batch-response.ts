import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

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
 * @example
 * export const handler = ({ Records }: SQSEvent) =>
 *   consumeEach(Records, ({ body }) => notify(parseEnvelope(body)), (_, error) => console.error(error));
 */
export async function consumeEach(
  records: readonly SQSRecord[],
  consume: (record: SQSRecord) => void | Promise<void>,
  onError: (record: SQSRecord, error: Error) => void,
): Promise<SQSBatchResponse> {
  const failed: SQSRecord[] = [];
  for (const record of records) {
    try {
      await consume(record);
    } catch (error) {
      onError(record, error as Error);
      failed.push(record);
    }
  }
  return reportBatchItemFailures(failed);
}
