import { JsonServiceError } from "../protocols/json-service";
import { parseFilterPattern } from "./filter-pattern";
import type { LogEvent, LogGroup, LogGroups } from "./log-groups";
import { invalidParameter, type LogsInput, parametersOf, text, texts, wholeNumber } from "./parameters";

/** Limits of one page. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1024 * 1024;

/** Supported parameters. `interleaved` and `unmask` have no effect: streams are always interleaved and unmasked. */
const PARAMETERS = [
  "logGroupName",
  "logGroupIdentifier",
  "logStreamNames",
  "logStreamNamePrefix",
  "startTime",
  "endTime",
  "filterPattern",
  "limit",
  "nextToken",
  "interleaved",
  "unmask",
] as const;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export function filterLogEvents(body: unknown, groups: LogGroups): object {
  const input = parametersOf(body, PARAMETERS);
  const { events } = groupOf(input, groups);
  const limit = wholeNumber(input, "limit", 1, MAX_EVENTS) ?? MAX_EVENTS;
  const after = sequenceOf(text(input, "nextToken"));
  const matches = conditionsOf(input);

  const found: LogEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (event.sequence <= after || !matches(event)) continue;
    if (found.length === limit || (found.length > 0 && bytes + event.bytes > MAX_BYTES)) {
      return page(found, found.at(-1)?.sequence);
    }
    found.push(event);
    bytes += event.bytes;
  }
  return page(found);
}

function groupOf(input: LogsInput, groups: LogGroups): LogGroup {
  const [name, identifier] = [text(input, "logGroupName"), text(input, "logGroupIdentifier")];
  const wanted = name ?? identifier;
  if (wanted === undefined || (name !== undefined && identifier !== undefined)) {
    throw invalidParameter("The request must have either logGroupName or logGroupIdentifier.");
  }
  const group = groups.find(wanted);
  if (!group) throw new JsonServiceError("ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

function conditionsOf(input: LogsInput): (event: LogEvent) => boolean {
  const startTime = wholeNumber(input, "startTime", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const endTime = wholeNumber(input, "endTime", 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
  const streams = texts(input, "logStreamNames");
  const prefix = text(input, "logStreamNamePrefix") ?? "";
  if (streams && prefix) {
    throw invalidParameter("The request must not have both logStreamNames and logStreamNamePrefix.");
  }
  // Unlike other parameters, the pattern may be empty; it then matches every event.
  const matches = parseFilterPattern(input.filterPattern === "" ? "" : (text(input, "filterPattern") ?? ""));
  return ({ timestamp, logStreamName, message }) =>
    timestamp >= startTime &&
    timestamp <= endTime &&
    (!streams || streams.includes(logStreamName)) &&
    logStreamName.startsWith(prefix) &&
    matches(message);
}

/** Returns the sequence number of the previous page's last event; 0 for the first page. */
function sequenceOf(nextToken: string | undefined): number {
  if (nextToken === undefined) return 0;
  const sequence = /^after-(\d{1,15})$/.exec(nextToken)?.[1];
  if (sequence === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return Number(sequence);
}

function page(events: readonly LogEvent[], last?: number): object {
  return {
    events: events.map(({ sequence, timestamp, logStreamName, message }) => ({
      logStreamName,
      timestamp,
      message,
      ingestionTime: timestamp,
      eventId: String(sequence).padStart(56, "0"),
    })),
    searchedLogStreams: [],
    ...(last !== undefined && { nextToken: `after-${last}` }),
  };
}
