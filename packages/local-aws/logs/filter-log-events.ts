import { JsonServiceError } from "../json-service";
import { parseFilterPattern } from "./filter-pattern";
import type { LogEvent, LogGroup, LogGroups } from "./log-group";
import { invalidParameter } from "./logs-error";
import { type Input, parametersOf, text, texts, wholeNumber } from "./parameters";

/** One answer has no more. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1024 * 1024;

/** `interleaved` and `unmask` change nothing: streams are always interleaved, and nothing is masked. */
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
      return answer(found, found.at(-1)?.sequence);
    }
    found.push(event);
    bytes += event.bytes;
  }
  return answer(found);
}

function groupOf(input: Input, groups: LogGroups): LogGroup {
  const [name, identifier] = [text(input, "logGroupName"), text(input, "logGroupIdentifier")];
  const wanted = name ?? identifier;
  if (wanted === undefined || (name !== undefined && identifier !== undefined)) {
    throw invalidParameter("The request must have either logGroupName or logGroupIdentifier.");
  }
  const group = groups.find(wanted);
  if (!group) throw new JsonServiceError("ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

function conditionsOf(input: Input): (event: LogEvent) => boolean {
  const startTime = wholeNumber(input, "startTime", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const endTime = wholeNumber(input, "endTime", 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
  const streams = texts(input, "logStreamNames");
  const prefix = text(input, "logStreamNamePrefix") ?? "";
  if (streams && prefix) {
    throw invalidParameter("The request must not have both logStreamNames and logStreamNamePrefix.");
  }
  // An empty pattern, unlike other empty texts, is one that matches everything.
  const matches = parseFilterPattern(input.filterPattern === "" ? "" : (text(input, "filterPattern") ?? ""));
  return ({ timestamp, logStreamName, message }) =>
    timestamp >= startTime &&
    timestamp <= endTime &&
    (!streams || streams.includes(logStreamName)) &&
    logStreamName.startsWith(prefix) &&
    matches(message);
}

/** The last event that an earlier answer had; 0, which none has, at the first. */
function sequenceOf(nextToken: string | undefined): number {
  if (nextToken === undefined) return 0;
  const sequence = /^after-(\d{1,15})$/.exec(nextToken)?.[1];
  if (sequence === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return Number(sequence);
}

function answer(events: readonly LogEvent[], last?: number): object {
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
