import type { Service } from "../gateway/gateway";
import { type JsonInput, jsonService } from "../protocols/json-service";
import { AwsError } from "../protocols/responses";
import { LOGS } from "../supported-actions";
import { parseFilterPattern } from "./filter-pattern";
import type { LogEvent, LogGroup, LogGroups } from "./log-groups";
import { invalidParameter, optionalString, optionalStringList, optionalWholeNumber, validateKnown } from "./parameters";

/** Maximum body size. Valid requests are smaller. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Creates a CloudWatch Logs emulator that only finds the functions' log lines. */
export function logsService(groups: LogGroups): Service {
  return jsonService({
    service: LOGS,
    maxBodyBytes: MAX_BODY_BYTES,
    invalidInputCode: "InvalidParameterException",
    actions: {
      DescribeLogGroups: (input) => describeLogGroups(input, groups),
      FilterLogEvents: (input) => filterLogEvents(input, groups),
    },
  });
}

const MAX_GROUPS = 50;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
function describeLogGroups(input: JsonInput, groups: LogGroups): object {
  validateKnown(input, ["logGroupNamePrefix", "logGroupNamePattern", "limit", "nextToken"]);
  const [prefix, pattern] = [optionalString(input, "logGroupNamePrefix"), optionalString(input, "logGroupNamePattern")];
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter("The request must not have both logGroupNamePrefix and logGroupNamePattern.");
  }
  const limit = optionalWholeNumber(input, "limit", 1, MAX_GROUPS) ?? MAX_GROUPS;
  // The token is the name of the last log group on the previous page.
  const after = optionalString(input, "nextToken") ?? "";
  const found = groups
    .all()
    .filter(({ name }) => name.startsWith(prefix ?? "") && name.includes(pattern ?? "") && name > after);
  const page = found.slice(0, limit);
  return {
    logGroups: page.map(({ name, arn, createdAt, storedBytes }) => ({
      logGroupName: name,
      arn: `${arn}:*`,
      logGroupArn: arn,
      creationTime: createdAt,
      metricFilterCount: 0,
      storedBytes,
    })),
    ...(found.length > page.length && { nextToken: page.at(-1)?.name }),
  };
}

/** Limits per page. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1024 * 1024;

/** Supported parameters. `interleaved` and `unmask` have no effect: log streams are always interleaved and unmasked. */
const FILTER_PARAMETERS = [
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
function filterLogEvents(input: JsonInput, groups: LogGroups): object {
  validateKnown(input, FILTER_PARAMETERS);
  const { events } = findGroup(input, groups);
  const limit = optionalWholeNumber(input, "limit", 1, MAX_EVENTS) ?? MAX_EVENTS;
  const after = sequenceOf(optionalString(input, "nextToken"));
  const matches = matcherOf(input);

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

function findGroup(input: JsonInput, groups: LogGroups): LogGroup {
  const [name, identifier] = [optionalString(input, "logGroupName"), optionalString(input, "logGroupIdentifier")];
  const nameOrArn = name ?? identifier;
  if (nameOrArn === undefined || (name !== undefined && identifier !== undefined)) {
    throw invalidParameter("The request must have either logGroupName or logGroupIdentifier.");
  }
  const group = groups.find(nameOrArn);
  if (!group) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

function matcherOf(input: JsonInput): (event: LogEvent) => boolean {
  const startTime = optionalWholeNumber(input, "startTime", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const endTime = optionalWholeNumber(input, "endTime", 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER;
  const streams = optionalStringList(input, "logStreamNames");
  const prefix = optionalString(input, "logStreamNamePrefix") ?? "";
  if (streams && prefix) {
    throw invalidParameter("The request must not have both logStreamNames and logStreamNamePrefix.");
  }
  // Unlike other parameters, the pattern may be an empty string, which matches every event.
  const matches = parseFilterPattern(input.filterPattern === "" ? "" : (optionalString(input, "filterPattern") ?? ""));
  return ({ timestamp, logStreamName, message }) =>
    timestamp >= startTime &&
    timestamp <= endTime &&
    (!streams || streams.includes(logStreamName)) &&
    logStreamName.startsWith(prefix) &&
    matches(message);
}

/** Returns the sequence number of the last event on the previous page; 0 if there is no previous page. */
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
