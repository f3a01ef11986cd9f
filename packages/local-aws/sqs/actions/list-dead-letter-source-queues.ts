import type { ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { page } from "../parameters";
import type { Sqs } from "../sqs";

export const ListDeadLetterSourceQueues: Action<
  ListDeadLetterSourceQueuesRequest,
  ListDeadLetterSourceQueuesResult,
  Sqs
> = {
  handles: ["QueueUrl", "MaxResults", "NextToken"],
  run({ QueueUrl, MaxResults, NextToken: token }, sqs) {
    const { urls, NextToken } = page(sqs.sourcesOf(sqs.queueByUrl(QueueUrl)), MaxResults, token);
    return { queueUrls: urls, NextToken };
  },
};
