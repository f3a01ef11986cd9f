import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { Action } from "../../gateway/service";
import { assertNotEmpty, assertWhole, invalidParameter, type Logs } from "../logs";

const MAX_STREAMS = 50;
const ORDERS = ["LogStreamName", "LastEventTime"];

export const DescribeLogStreams: Action<DescribeLogStreamsRequest, DescribeLogStreamsResponse, Logs> = {
  handles: [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNamePrefix",
    // Each group has one stream, so that the order and the size of a page make no difference.
    "orderBy",
    "descending",
    "limit",
    "nextToken",
  ],
  differs: "has one log stream in each group",
  run({ logStreamNamePrefix: prefix, orderBy = "LogStreamName", limit = MAX_STREAMS, nextToken, ...group }, logs) {
    assertNotEmpty({ logStreamNamePrefix: prefix });
    assertWhole("limit", limit, 1, MAX_STREAMS);
    if (!ORDERS.includes(orderBy)) throw invalidParameter(`orderBy must be one of ${ORDERS.join(", ")}.`);
    if (prefix !== undefined && orderBy === "LastEventTime") {
      throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    const { streamName, arn, createdAt, events } = logs.find(group);
    if (nextToken !== undefined) throw invalidParameter("The specified nextToken is invalid.");
    if (events.length === 0 || !streamName.startsWith(prefix ?? "")) return { logStreams: [] };
    const lastEventTimestamp = events.at(-1)?.timestamp;
    const stream = {
      logStreamName: streamName,
      arn: `${arn}:log-stream:${streamName}`,
      creationTime: createdAt,
      firstEventTimestamp: events[0]?.timestamp,
      lastEventTimestamp,
      lastIngestionTime: lastEventTimestamp,
      storedBytes: 0, // As on AWS since 2019.
    };
    return { logStreams: [stream] };
  },
};
