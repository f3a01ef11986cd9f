import type { ServiceDefinition } from "../gateway/service";
import { schemasOf } from "../protocols/shape";
import { CreateLogGroup } from "./actions/create-log-group";
import { DeleteLogGroup } from "./actions/delete-log-group";
import { DescribeLogGroups } from "./actions/describe-log-groups";
import { DescribeLogStreams } from "./actions/describe-log-streams";
import { FilterLogEvents } from "./actions/filter-log-events";
import { ListTagsForResource } from "./actions/list-tags-for-resource";
import { invalidParameter, type Logs } from "./logs";

export const LOGS: ServiceDefinition<Logs> = {
  name: "CloudWatch Logs",
  schemas: schemasOf("logs"),
  signingName: "logs",
  protocols: ["json"],
  targetPrefix: "Logs_20140328",
  maxBodyBytes: 1024 * 1024,
  unparsableCode: "SerializationException",
  invalidInput: ({ message }) => invalidParameter(message),
  actions: {
    CreateLogGroup,
    DeleteLogGroup,
    DescribeLogGroups,
    DescribeLogStreams,
    FilterLogEvents,
    ListTagsForResource,
  },
};
