import type { FilterLogEventsRequest, FilterLogEventsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { Action } from "../../gateway/service";
import { NotSupported } from "../../protocols/invalid-input";
import { parseFilterPattern } from "../filter-pattern";
import type { LogEvent, LogGroup } from "../log-group";
import { assertNotEmpty, assertWhole, invalidParameter, type Logs } from "../logs";

/** Limits per page. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1024 * 1024;

export const FilterLogEvents: Action<FilterLogEventsRequest, FilterLogEventsResponse, Logs> = {
  handles: [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNames",
    "logStreamNamePrefix",
    "startTime",
    "endTime",
    "filterPattern",
    "limit",
    "nextToken",
    "startFromHead",
    // Without effect: log streams are always interleaved and unmasked.
    "interleaved",
    "unmask",
  ],
  differs:
    "searches the last 10,000 lines of a function, up to 16 MiB; supports terms, phrases and `{ $.key = value }` in patterns",
  run({ limit = MAX_EVENTS, nextToken, startFromHead = true, ...request }, logs) {
    if (!startFromHead) throw new NotSupported("startFromHead false");
    assertWhole("limit", limit, 1, MAX_EVENTS);
    const after = sequenceOf(nextToken);
    const group = logs.find(request);
    const matches = matcherOf(request, group);
    const found: LogEvent[] = [];
    let bytes = 0;
    for (const event of group.events) {
      if (event.sequence <= after || !matches(event)) continue;
      if (found.length === limit || (found.length > 0 && bytes + event.bytes > MAX_BYTES)) {
        return { ...page(found, group), nextToken: `after-${found.at(-1)?.sequence}` };
      }
      found.push(event);
      bytes += event.bytes;
    }
    return page(found, group);
  },
};

function matcherOf(
  {
    startTime = 0,
    endTime = Number.MAX_SAFE_INTEGER,
    logStreamNames: streams,
    logStreamNamePrefix: prefix,
    filterPattern = "",
  }: FilterLogEventsRequest,
  { streamName }: LogGroup,
): (event: LogEvent) => boolean {
  assertWhole("startTime", startTime, 0);
  assertWhole("endTime", endTime, 0);
  if (startTime > endTime) throw invalidParameter(`The startTime ${startTime} is after the endTime ${endTime}.`);
  assertNotEmpty({ logStreamNamePrefix: prefix });
  if (streams?.length === 0) throw invalidParameter("logStreamNames must be a list of at least one string.");
  if (streams && prefix !== undefined) {
    throw invalidParameter("The request must not have both logStreamNames and logStreamNamePrefix.");
  }
  const matches = parseFilterPattern(filterPattern);
  const isMeant = (!streams || streams.includes(streamName)) && streamName.startsWith(prefix ?? "");
  return ({ timestamp, message }) => isMeant && timestamp >= startTime && timestamp <= endTime && matches(message);
}

/** Returns the sequence number of the last event on the previous page; 0 if there is no previous page. */
function sequenceOf(nextToken: string | undefined): number {
  if (nextToken === undefined) return 0;
  const sequence = /^after-(\d{1,15})$/.exec(nextToken)?.[1];
  if (sequence === undefined) throw invalidParameter("The specified nextToken is invalid.");
  return Number(sequence);
}

function page(events: readonly LogEvent[], { streamName }: LogGroup): FilterLogEventsResponse {
  return {
    events: events.map(({ sequence, timestamp, message }) => ({
      logStreamName: streamName,
      timestamp,
      message,
      ingestionTime: timestamp,
      eventId: String(sequence).padStart(56, "0"),
    })),
    searchedLogStreams: [],
  };
}
