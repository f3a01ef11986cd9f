import type { DeleteMessageRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { missingParameter } from "../parameters";
import type { Sqs } from "../sqs";

export const DeleteMessage: Action<DeleteMessageRequest, void, Sqs> = {
  handles: ["QueueUrl", "ReceiptHandle"],
  run({ QueueUrl, ReceiptHandle }, sqs) {
    const queue = sqs.queueByUrl(QueueUrl);
    if (!ReceiptHandle) throw missingParameter("ReceiptHandle");
    queue.delete(ReceiptHandle); // As on AWS, deleting a deleted message is not an error.
  },
};
