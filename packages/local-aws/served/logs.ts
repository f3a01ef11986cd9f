import type { ServedService } from "./served-service";

export const LOGS: ServedService = {
  name: "CloudWatch Logs",
  signingName: "logs",
  protocol: "json",
  targetPrefix: "Logs_20140328",
  actions: {
    DescribeLogGroups: "",
    FilterLogEvents: "the last 10,000 lines of a function, at most 16 MiB; terms, phrases and `{ $.key = value }`",
  },
};
