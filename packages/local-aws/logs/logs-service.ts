import { JsonService } from "../protocols/json-service";
import { LOGS } from "../supported-actions";
import { describeLogGroups } from "./describe-log-groups";
import { filterLogEvents } from "./filter-log-events";
import type { LogGroups } from "./log-groups";

/** Limit that no valid request reaches. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Creates the part of CloudWatch Logs that finds the log lines of functions. */
export function logsService(groups: LogGroups): JsonService {
  return new JsonService({
    service: LOGS,
    maxBodyBytes: MAX_BODY_BYTES,
    actions: {
      DescribeLogGroups: (body) => describeLogGroups(body, groups),
      FilterLogEvents: (body) => filterLogEvents(body, groups),
    },
  });
}
