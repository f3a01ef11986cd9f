import type { ListQueuesRequest, ListQueuesResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { page } from "../parameters";
import type { Sqs } from "../sqs";

export const ListQueues: Action<ListQueuesRequest, ListQueuesResult, Sqs> = {
  handles: ["QueueNamePrefix", "MaxResults", "NextToken"],
  run({ QueueNamePrefix: prefix = "", MaxResults, NextToken: token }, sqs) {
    const queues = sqs.queues().filter(({ name }) => name.startsWith(prefix));
    const { urls, NextToken } = page(queues, MaxResults, token);
    return { QueueUrls: urls.length === 0 ? undefined : urls, NextToken };
  },
};
