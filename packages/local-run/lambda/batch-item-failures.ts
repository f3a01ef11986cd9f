import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import { parseJsonLine } from "./log-line";

/** A response that makes Lambda treat the whole batch as failed. */
export class MalformedResponseError extends Error {
  override readonly name = "MalformedResponseError";

  constructor(response: unknown) {
    const text = JSON.stringify(response);
    super(
      `the whole batch failed because the handler returned ${text.length > 100 ? `${text.slice(0, 99)}…` : text}, ` +
        'expected {"batchItemFailures": [{"itemIdentifier": "<messageId of the batch>"}]}',
    );
  }
}

/**
 * Returns the message ids that a handler's response reports as failed. An empty
 * or missing list means that all messages succeeded.
 *
 * @throws MalformedResponseError for a malformed response or an unknown id; then all messages failed.
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

/** Collects the reasons that a handler logs for its batch item failures in one invocation. */
export class FailureReasons {
  private readonly reasonById = new Map<string, string>();

  /** Reads one line of the invocation. The last line about a message counts. */
  read(line: string): void {
    if (!line.includes(LOG_FIELDS.reason)) return;
    const { [LOG_FIELDS.reason]: reason, ...fields } = parseJsonLine(line) ?? {};
    if (typeof reason !== "string") return;
    for (const id of [fields[LOG_FIELDS.messageId], fields[LOG_FIELDS.messageIds]].flat()) {
      if (typeof id === "string") this.reasonById.set(id, reason);
    }
  }

  of(messageId: string): string {
    return this.reasonById.get(messageId) ?? "batch item failure; the handler logged no reason";
  }
}
