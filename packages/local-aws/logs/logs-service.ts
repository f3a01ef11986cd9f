import { JsonService } from "../json-service";
import { LOGS } from "../served/logs";
import { describeLogGroups } from "./describe-log-groups";
import { filterLogEvents } from "./filter-log-events";
import type { LogGroups } from "./log-group";

/** No request of the actions below comes near it. */
const MAX_BODY_BYTES = 1024 * 1024;

/** What of CloudWatch Logs finds a function's lines again. */
export function logsService(groups: LogGroups): JsonService {
  return new JsonService({
    serves: LOGS,
    maxBodyBytes: MAX_BODY_BYTES,
    actions: {
      DescribeLogGroups: (body) => describeLogGroups(body, groups),
      FilterLogEvents: (body) => filterLogEvents(body, groups),
    },
  });
}
