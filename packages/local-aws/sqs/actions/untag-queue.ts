import type { UntagQueueRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { Sqs } from "../sqs";

export const UntagQueue: Action<UntagQueueRequest, void, Sqs> = {
  handles: ["QueueUrl", "TagKeys"],
  run({ QueueUrl, TagKeys = [] }, sqs) {
    const queue = sqs.queueByUrl(QueueUrl);
    queue.setTags(Object.fromEntries(Object.entries(queue.record.tags).filter(([key]) => !TagKeys.includes(key))));
  },
};
