import type { DeleteMessageBatchRequest, DeleteMessageBatchResult } from "@aws-sdk/client-sqs";
import { runBatch } from "../../batch";
import type { Action } from "../../gateway/service";
import { missingParameter } from "../parameters";
import type { Sqs } from "../sqs";

export const DeleteMessageBatch: Action<DeleteMessageBatchRequest, DeleteMessageBatchResult, Sqs> = {
  handles: ["QueueUrl", "Entries.Id", "Entries.ReceiptHandle"],
  run({ QueueUrl, Entries = [] }, sqs) {
    const queue = sqs.queueByUrl(QueueUrl);
    return runBatch("sqs", Entries, ({ ReceiptHandle }) => {
      if (!ReceiptHandle) throw missingParameter("ReceiptHandle");
      queue.delete(ReceiptHandle);
      return {};
    });
  },
};
