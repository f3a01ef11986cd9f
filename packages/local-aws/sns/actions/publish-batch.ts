import type { PublishBatchInput, PublishBatchResponse } from "@aws-sdk/client-sns";
import { runBatch } from "../../batch";
import type { Action } from "../../gateway/service";
import { messageBytes } from "../../message-attributes";
import type { MessageAttributes } from "../../observer";
import { AwsError } from "../../protocols/aws-error";
import { MESSAGE_MEMBERS, SnsMessage, traceHeaderOf } from "../message";
import type { Sns } from "../sns";

const ENTRIES = "PublishBatchRequestEntries";

export const PublishBatch: Action<PublishBatchInput, PublishBatchResponse, Sns> = {
  handles: ["TopicArn", `${ENTRIES}.Id`, ...MESSAGE_MEMBERS.map((member) => `${ENTRIES}.${member}` as const)],
  differs: "reports each invalid entry in `Failed`; AWS may refuse the whole batch for it",
  run({ TopicArn, PublishBatchRequestEntries: entries = [] }, sns, { request }) {
    const topic = sns.topic(TopicArn);
    const bytes = entries.reduce((sum, { Message = "", MessageAttributes = {} }) => {
      return sum + messageBytes(Message, MessageAttributes as MessageAttributes);
    }, 0);
    if (bytes > topic.maxMessageBytes) {
      throw new AwsError(
        "BatchRequestTooLongException",
        `The messages have ${bytes} bytes including attributes, but the limit for a batch is ${topic.maxMessageBytes}.`,
      );
    }
    const { Successful, Failed } = runBatch("sns", entries, (entry) => {
      const message = new SnsMessage(entry);
      sns.delivery.deliver(topic, message, traceHeaderOf(request));
      return { MessageId: message.id };
    });
    return { Successful, Failed: Failed.map(({ Code, ...failed }) => ({ ...failed, Code: queryCode(Code) })) };
  },
};

/** Returns the code of an error as in an error response. */
function queryCode(code: string): string {
  return code === "InvalidParameterValueException" ? "ParameterValueInvalid" : code.replace(/Exception$/, "");
}
