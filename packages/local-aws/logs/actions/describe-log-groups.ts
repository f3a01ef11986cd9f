import type { DescribeLogGroupsRequest, DescribeLogGroupsResponse } from "@aws-sdk/client-cloudwatch-logs";
import type { Action } from "../../gateway/service";
import { assertNotEmpty, assertWhole, invalidParameter, type Logs } from "../logs";

const MAX_GROUPS = 50;

export const DescribeLogGroups: Action<DescribeLogGroupsRequest, DescribeLogGroupsResponse, Logs> = {
  handles: ["logGroupNamePrefix", "logGroupNamePattern", "limit", "nextToken"],
  run({ logGroupNamePrefix: prefix, logGroupNamePattern: pattern, limit = MAX_GROUPS, nextToken: after = "" }, logs) {
    assertNotEmpty({ logGroupNamePrefix: prefix, logGroupNamePattern: pattern });
    assertWhole("limit", limit, 1, MAX_GROUPS);
    if (prefix !== undefined && pattern !== undefined) {
      throw invalidParameter("The request must not have both logGroupNamePrefix and logGroupNamePattern.");
    }
    // The token is the name of the last log group on the previous page.
    const found = logs
      .all()
      .filter(({ name }) => name.startsWith(prefix ?? "") && name.includes(pattern ?? "") && name > after);
    const page = found.slice(0, limit);
    return {
      logGroups: page.map(({ name, arn, createdAt, storedBytes }) => ({
        logGroupName: name,
        arn: `${arn}:*`,
        logGroupArn: arn,
        creationTime: createdAt,
        logGroupClass: "STANDARD",
        metricFilterCount: 0,
        storedBytes,
      })),
      ...(found.length > page.length && { nextToken: page.at(-1)?.name }),
    };
  },
};
