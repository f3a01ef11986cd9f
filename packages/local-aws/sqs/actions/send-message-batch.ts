import type { SendMessageBatchResult } from "@aws-sdk/client-sqs";
import { runBatch } from "../../batch";
import type { Action } from "../../gateway/service";
import { messageBytes } from "../../message-attributes";
import type { MessageAttributes } from "../../observer";
import { AwsError } from "../../protocols/aws-error";
import { MESSAGE_MEMBERS, type MessageInput, send } from "../new-message";
import { missingParameter } from "../parameters";
import type { Sqs } from "../sqs";

const MAX_BYTES = 1_048_576;

interface Input {
  QueueUrl: string | undefined;
  Entries: (MessageInput & { Id: string | undefined })[] | undefined;
}

export const SendMessageBatch: Action<Input, SendMessageBatchResult, Sqs> = {
  handles: ["QueueUrl", "Entries.Id", ...MESSAGE_MEMBERS.map((member) => `Entries.${member}` as const)],
  run({ QueueUrl, Entries = [] }, sqs, context) {
    const queue = sqs.queueByUrl(QueueUrl);
    const empty = Entries.findIndex(({ MessageBody }) => !MessageBody);
    if (empty !== -1) throw missingParameter(`SendMessageBatchRequestEntry.${empty + 1}.MessageBody`);
    const bytes = Entries.reduce((sum, { MessageBody = "", MessageAttributes }) => {
      return sum + messageBytes(MessageBody, (MessageAttributes ?? {}) as MessageAttributes);
    }, 0);
    if (bytes > MAX_BYTES) {
      const message = `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${bytes} bytes.`;
      throw new AwsError("BatchRequestTooLong", message);
    }
    return runBatch("sqs", Entries, (entry) => send(queue, entry, context));
  },
};
