import { CloudWatchLogsClient, type FilteredLogEvent, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { type EndedRecord, LOG_FIELDS, LOG_LINES } from "@event-pipeline/event-model/log-lines";
import type { Pipeline } from "../pipeline";

/** A line of the event processor's log. */
export interface HandlerLine {
  /** CloudWatch's, the same whenever it is read. */
  readonly id: string;
  readonly at: Date;
  /** When CloudWatch had it; lines come in some seconds late. */
  readonly ingestedAt: Date;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface HandlerLinesProps {
  /** Text that the line has. @default - any line that is a JSON object */
  readonly text?: string | undefined;
  readonly since: Date;
  readonly until?: Date | undefined;
  readonly signal: AbortSignal;
}

/** Characters that a filter pattern has at most, quotes among them. */
const MAX_PATTERN = 1_024;

/**
 * Lines that the event processor logged as JSON, oldest first, a page at a time.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function* handlerLines(
  pipeline: Pipeline,
  { text, since, until, signal }: HandlerLinesProps,
): AsyncGenerator<HandlerLine, void, void> {
  const pages = paginateFilterLogEvents(
    { client: pipeline.client(CloudWatchLogsClient) },
    {
      logGroupName: logGroupOf(pipeline),
      startTime: since.getTime(),
      ...(until && { endTime: until.getTime() }),
      ...(text !== undefined && { filterPattern: `"${text.replace(/[\\"]/g, "\\$&").slice(0, MAX_PATTERN - 2)}"` }),
    },
    { abortSignal: signal },
  );
  for await (const { events = [] } of pages) for (const event of events) yield* lineOf(event);
}

function logGroupOf({ processor }: Pipeline): string {
  return `/aws/lambda/${processor.functionName}`;
}

/** What a line of a batch says of its records; undefined for any other line, and where records are not logged. */
export function recordsOf({ fields }: HandlerLine): readonly EndedRecord[] | undefined {
  const { message, [LOG_FIELDS.ends]: ends } = fields;
  const isBatch = message === LOG_LINES.batch || message === LOG_LINES.batchContinued;
  return isBatch && Array.isArray(ends) ? (ends as EndedRecord[]) : undefined;
}

function lineOf({ eventId, timestamp = 0, ingestionTime = timestamp, message = "" }: FilteredLogEvent): HandlerLine[] {
  if (!message.startsWith("{")) return [];
  let fields: unknown;
  try {
    fields = JSON.parse(message);
  } catch {
    return []; // Not the handler's own.
  }
  return [
    {
      id: String(eventId),
      at: new Date(timestamp),
      ingestedAt: new Date(ingestionTime),
      fields: fields as HandlerLine["fields"],
    },
  ];
}
