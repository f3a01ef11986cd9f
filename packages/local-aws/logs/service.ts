import type { ServiceDefinition } from "../gateway/service";
import { schemasOf } from "../protocols/shape";
import { DescribeLogGroups } from "./actions/describe-log-groups";
import { DescribeLogStreams } from "./actions/describe-log-streams";
import { FilterLogEvents } from "./actions/filter-log-events";
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
  actions: { DescribeLogGroups, DescribeLogStreams, FilterLogEvents },
};
