import type { PurgeQueueRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { Sqs } from "../sqs";

export const PurgeQueue: Action<PurgeQueueRequest, void, Sqs> = {
  handles: ["QueueUrl"],
  differs: "deletes the messages at once, and needs no pause between two calls",
  run: ({ QueueUrl }, sqs) => sqs.queueByUrl(QueueUrl).purge(),
};
