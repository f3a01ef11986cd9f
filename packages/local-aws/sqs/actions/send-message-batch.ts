import type {
  MessageSystemAttributeValue,
  SendMessageBatchRequest,
  SendMessageBatchRequestEntry,
  SendMessageBatchResult,
} from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { messageBytes } from "../../message-attributes";
import type { MessageAttributes } from "../../observer";
import { AwsError } from "../../protocols/aws-error";
import { runBatch } from "../batch";
import { send } from "../new-message";
import { missingParameter } from "../parameters";
import type { Sqs } from "../sqs";

const MAX_BYTES = 1_048_576;

type Entry = Omit<SendMessageBatchRequestEntry, "MessageSystemAttributes"> & {
  MessageSystemAttributes?: Record<string, MessageSystemAttributeValue> | undefined;
};
type Input = Omit<SendMessageBatchRequest, "Entries"> & { Entries: Entry[] | undefined };

export const SendMessageBatch: Action<Input, SendMessageBatchResult, Sqs> = {
  handles: [
    ...(["QueueUrl", "Entries.Id", "Entries.MessageBody", "Entries.DelaySeconds"] as const),
    ...(["Entries.MessageDeduplicationId", "Entries.MessageGroupId"] as const),
    ...(["Entries.MessageAttributes.DataType", "Entries.MessageAttributes.StringValue"] as const),
    ...(["Entries.MessageAttributes.BinaryValue", "Entries.MessageSystemAttributes.DataType"] as const),
    "Entries.MessageSystemAttributes.StringValue",
  ],
  run({ QueueUrl = "", Entries = [] }, sqs, context) {
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
    return runBatch(Entries, ({ Id: _, ...message }) => send(queue, message, context));
  },
};
