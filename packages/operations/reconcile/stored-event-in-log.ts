import { LOG_LINES } from "@event-pipeline/event-model/log-lines";
import { isMissing } from "../aws-errors";
import { handlerLines, recordsOf } from "../events/handler-log";
import type { Pipeline } from "../pipeline";

/** A time range from `since`, and before `until`. */
export interface PublicationRange {
  readonly since: Date;
  readonly until: Date;
}

/**
 * Returns the time of publication of an event that the handler stored, according to its log. The event was published in
 * the time range. Returns undefined if the log has none.
 */
export async function storedEventInLog(
  pipeline: Pipeline,
  { since, until }: PublicationRange,
  signal = new AbortController().signal,
): Promise<Date | undefined> {
  try {
    for await (const line of handlerLines(pipeline, { text: LOG_LINES.batch, since, signal })) {
      for (const { end, received_at: receivedAt } of recordsOf(line) ?? []) {
        const publishedAt = new Date(receivedAt ?? line.at);
        if (end === "stored" && since <= publishedAt && publishedAt < until) return publishedAt;
      }
    }
  } catch (error) {
    // Lambda creates the log group with the first line.
    if (!isMissing(error)) throw error;
  }
  return undefined;
}
