import type { ListQueueTagsRequest, ListQueueTagsResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { Sqs } from "../sqs";

export const ListQueueTags: Action<ListQueueTagsRequest, ListQueueTagsResult, Sqs> = {
  handles: ["QueueUrl"],
  run({ QueueUrl }, sqs) {
    const { tags } = sqs.queueByUrl(QueueUrl).record;
    return { Tags: Object.keys(tags).length === 0 ? undefined : tags };
  },
};
