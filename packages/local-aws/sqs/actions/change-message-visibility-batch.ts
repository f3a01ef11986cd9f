import type { ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult } from "@aws-sdk/client-sqs";
import { runBatch } from "../../batch";
import type { Action } from "../../gateway/service";
import type { Sqs } from "../sqs";
import { changeVisibility } from "./change-message-visibility";

export const ChangeMessageVisibilityBatch: Action<
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
  Sqs
> = {
  handles: ["QueueUrl", "Entries.Id", "Entries.ReceiptHandle", "Entries.VisibilityTimeout"],
  run({ QueueUrl, Entries = [] }, sqs) {
    const queue = sqs.queueByUrl(QueueUrl);
    return runBatch("sqs", Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
      changeVisibility(queue, ReceiptHandle, VisibilityTimeout);
      return {};
    });
  },
};
