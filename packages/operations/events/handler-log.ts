import { hash } from "node:crypto";
import { CloudWatchLogsClient, type FilteredLogEvent, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { LOG_FIELDS, LOG_LINES, type LoggedRecord } from "@event-pipeline/event-model/log-lines";
import type { Pipeline } from "../pipeline";

/** A JSON line in the event processor's log. */
export interface HandlerLine {
  /** Identifies the line in every read that includes its time. */
  readonly id: string;
  readonly at: Date;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface HandlerLinesOptions {
  /** A text that the lines must contain. @default - every line that is a JSON object */
  readonly text?: string | undefined;
  readonly since: Date;
  readonly until?: Date | undefined;
  readonly signal: AbortSignal;
}

/** The maximum length of a CloudWatch Logs filter pattern, in characters. */
const MAX_PATTERN = 1_024;

/**
 * Reads the lines that the event processor logged as JSON, oldest first, one page at a time.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function* handlerLines(
  pipeline: Pipeline,
  { text, since, until, signal }: HandlerLinesOptions,
): AsyncGenerator<HandlerLine, void, void> {
  const pages = paginateFilterLogEvents(
    { client: pipeline.client(CloudWatchLogsClient) },
    {
      logGroupName: `/aws/lambda/${pipeline.processor.functionName}`,
      // CloudWatch Logs has no time before 1970.
      startTime: Math.max(0, since.getTime()),
      ...(until && { endTime: until.getTime() }),
      ...(text !== undefined && { filterPattern: `"${text.replace(/[\\"]/g, "\\$&").slice(0, MAX_PATTERN - 2)}"` }),
    },
    { abortSignal: signal },
  );
  const idOf = lineIdentifier();
  for await (const { events = [] } of pages) for (const event of events) yield* parseLine(event, idOf(event));
}

/** Returns the records in a batch's log line; undefined for any other line, or if records are not logged. */
export function recordsOf({ fields }: HandlerLine): readonly LoggedRecord[] | undefined {
  const { message, [LOG_FIELDS.ends]: ends } = fields;
  const isBatch = message === LOG_LINES.batch || message === LOG_LINES.batchContinued;
  return isBatch && Array.isArray(ends) ? (ends as LoggedRecord[]) : undefined;
}

/** Returns a function that identifies each line of a read. `eventId` is optional in the API. */
function lineIdentifier(): (line: FilteredLogEvent) => string {
  const countByText = new Map<string, number>();
  return ({ eventId, logStreamName, timestamp, message = "" }) => {
    if (eventId !== undefined) return eventId;
    const text = `${logStreamName} ${timestamp} ${hash("sha256", message)}`;
    const count = (countByText.get(text) ?? 0) + 1;
    countByText.set(text, count);
    return `${text} ${count}`;
  };
}

function parseLine({ timestamp, ingestionTime, message = "" }: FilteredLogEvent, id: string): HandlerLine[] {
  if (!message.startsWith("{")) return [];
  try {
    const at = new Date(timestamp ?? ingestionTime ?? Date.now());
    return [{ id, at, fields: JSON.parse(message) as HandlerLine["fields"] }];
  } catch {
    return []; // Another program wrote this line.
  }
}
