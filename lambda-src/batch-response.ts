import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

/**
 * Tells Lambda which records of a batch SQS is to deliver again; the others it
 * deletes from the queue.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function handBack(records: readonly SQSRecord[]): SQSBatchResponse {
  return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/**
 * Brings each record of a batch to its own end: one that `consume` throws for
 * is handed back, whatever becomes of its neighbours.
 *
 * @param onError - Told of each that is handed back, so that no failure goes unseen.
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
  return handBack(failed);
}
