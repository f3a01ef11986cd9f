/** A response that Lambda takes for the failure of the whole batch. */
export class MalformedResponseError extends Error {
  override readonly name = "MalformedResponseError";

  constructor(response: unknown) {
    const text = JSON.stringify(response);
    super(
      `the whole batch failed, because the handler answered ${text.length > 100 ? `${text.slice(0, 99)}…` : text}. ` +
        'It takes {"batchItemFailures": [{"itemIdentifier": "a messageId of the batch"}]}.',
    );
  }
}

/**
 * The message ids that a handler's response reports as failed, by Lambda's
 * rules: an empty or missing list means that all succeeded.
 *
 * @throws MalformedResponseError for anything malformed and for an id that is not in the batch: then all failed.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedIdentifiers(response: unknown, batch: readonly string[]): readonly string[] {
  if (response === null || response === undefined) return [];
  if (typeof response !== "object") throw new MalformedResponseError(response);
  const { batchItemFailures } = response as { batchItemFailures?: unknown };
  if (batchItemFailures === null || batchItemFailures === undefined) {
    if (Object.keys(response).length === 0 || "batchItemFailures" in response) return [];
    throw new MalformedResponseError(response);
  }
  if (!Array.isArray(batchItemFailures)) throw new MalformedResponseError(response);
  const failed = batchItemFailures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  const isKnown = (id: unknown): id is string => typeof id === "string" && batch.includes(id);
  if (!failed.every(isKnown)) throw new MalformedResponseError(response);
  return failed;
}
