/**
 * The message ids that a handler's response reports as failed, by Lambda's
 * rules: an empty or missing list means that all succeeded; anything malformed,
 * or an id that is not in the batch, means that all failed.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedIdentifiers(response: unknown, batch: readonly string[]): readonly string[] {
  if (response === null || response === undefined) return [];
  if (typeof response !== "object") return batch;
  const { batchItemFailures } = response as { batchItemFailures?: unknown };
  if (batchItemFailures === null || batchItemFailures === undefined) {
    return Object.keys(response).length === 0 || "batchItemFailures" in response ? [] : batch;
  }
  if (!Array.isArray(batchItemFailures)) return batch;
  const failed = batchItemFailures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  return failed.every((id): id is string => typeof id === "string" && batch.includes(id)) ? failed : batch;
}
