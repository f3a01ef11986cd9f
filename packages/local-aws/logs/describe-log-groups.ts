import type { LogGroups } from "./log-groups";
import { invalidParameter, parametersOf, text, wholeNumber } from "./parameters";

const MAX_GROUPS = 50;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeLogGroups(body: unknown, groups: LogGroups): object {
  const input = parametersOf(body, ["logGroupNamePrefix", "logGroupNamePattern", "limit", "nextToken"]);
  const [prefix, pattern] = [text(input, "logGroupNamePrefix"), text(input, "logGroupNamePattern")];
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter("The request must not have both logGroupNamePrefix and logGroupNamePattern.");
  }
  const limit = wholeNumber(input, "limit", 1, MAX_GROUPS) ?? MAX_GROUPS;
  // The name of the last group of the previous page.
  const after = text(input, "nextToken") ?? "";
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
