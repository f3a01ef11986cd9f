import { excerpt } from "@event-pipeline/event-model/excerpt";
import { LOG_FIELDS } from "@event-pipeline/event-model/log-lines";
import { parseJsonLine } from "../logs/log-line";

/** A response that makes Lambda treat the whole batch as failed. */
export class MalformedResponseError extends Error {
  override readonly name = "MalformedResponseError";

  constructor(response: unknown) {
    super(
      `the whole batch failed because the handler returned ${excerpt(JSON.stringify(response))}, ` +
        'expected {"batchItemFailures": [{"itemIdentifier": "<messageId of the batch>"}]}',
    );
  }
}

/**
 * Returns the message IDs that a handler's response reports as failed. An empty or missing list means that all messages
 * succeeded.
 *
 * @throws MalformedResponseError for a malformed response or an unknown ID; then all messages failed.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedIdentifiers(response: unknown, batch: readonly string[]): readonly string[] {
  if (response === null || response === undefined) return [];
  const { batchItemFailures: failures } = response as { readonly batchItemFailures?: unknown };
  if (typeof response === "object" && (failures === null || Object.keys(response).length === 0)) return [];
  if (!Array.isArray(failures)) throw new MalformedResponseError(response);
  const reported = failures.map((failure): unknown => failure?.itemIdentifier);
  const isKnown = (id: unknown): id is string => typeof id === "string" && batch.includes(id);
  if (!reported.every(isKnown)) throw new MalformedResponseError(response);
  return reported;
}

/** Collects the reasons that a handler logs for its batch item failures in one invocation. */
export class FailureReasons {
  private readonly reasonById = new Map<string, string>();

  /** Reads one log line. If several lines have a reason for one message, the last line counts. */
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
