import type { TagQueueRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { Sqs } from "../sqs";
import { validateTags } from "../tags";

export const TagQueue: Action<TagQueueRequest, void, Sqs> = {
  handles: ["QueueUrl", "Tags"],
  run({ QueueUrl, Tags = {} }, sqs) {
    const queue = sqs.queueByUrl(QueueUrl);
    const tags = { ...queue.record.tags, ...Tags };
    validateTags(tags);
    queue.setTags(tags);
  },
};
