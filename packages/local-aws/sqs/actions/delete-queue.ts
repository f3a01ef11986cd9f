import type { DeleteQueueRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { Sqs } from "../sqs";

export const DeleteQueue: Action<DeleteQueueRequest, void, Sqs> = {
  handles: ["QueueUrl"],
  run: ({ QueueUrl }, sqs) => sqs.deleteQueue(sqs.queueByUrl(QueueUrl)),
};
