import type { MessageSystemAttributeValue, SendMessageRequest, SendMessageResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { send } from "../new-message";
import type { Sqs } from "../sqs";

type Input = Omit<SendMessageRequest, "MessageSystemAttributes"> & {
  MessageSystemAttributes?: Record<string, MessageSystemAttributeValue> | undefined;
};

export const SendMessage: Action<Input, SendMessageResult, Sqs> = {
  handles: [
    ...(["QueueUrl", "MessageBody", "DelaySeconds", "MessageDeduplicationId", "MessageGroupId"] as const),
    ...(["MessageAttributes.DataType", "MessageAttributes.StringValue", "MessageAttributes.BinaryValue"] as const),
    ...(["MessageSystemAttributes.DataType", "MessageSystemAttributes.StringValue"] as const),
  ],
  run: ({ QueueUrl = "", ...message }, sqs, context) => send(sqs.queueByUrl(QueueUrl), message, context),
};
