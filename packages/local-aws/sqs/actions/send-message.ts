import type { SendMessageResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { MESSAGE_MEMBERS, type MessageInput, send } from "../new-message";
import type { Sqs } from "../sqs";

type Input = MessageInput & { QueueUrl: string | undefined };

export const SendMessage: Action<Input, SendMessageResult, Sqs> = {
  handles: ["QueueUrl", ...MESSAGE_MEMBERS],
  run: (input, sqs, context) => send(sqs.queueByUrl(input.QueueUrl), input, context),
};
