import type { MessageSystemAttributeValue, SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import type { RequestContext } from "../gateway/service";
import { assertMessageAttributes, INVALID_CHARACTER, md5, md5OfAttributes, messageBytes } from "../message-attributes";
import type { MessageAttributes } from "../observer";
import { AwsError } from "../protocols/aws-error";
import { inRange, missingParameter } from "./parameters";
import type { Queue } from "./queue";
import { invalidValue } from "./queue-attributes";

const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;
/** Letters, digits and punctuation. */
const GROUP_ID = /^[!-~]{1,128}$/;

/** The members that SendMessage and an entry of SendMessageBatch have in common. */
export type MessageInput = Omit<SendMessageBatchRequestEntry, "Id" | "MessageSystemAttributes"> & {
  MessageSystemAttributes?: Record<string, MessageSystemAttributeValue> | undefined;
};

/** The members that have an effect. */
export const MESSAGE_MEMBERS = [
  ...(["MessageBody", "DelaySeconds", "MessageDeduplicationId", "MessageGroupId"] as const),
  ...(["MessageAttributes.DataType", "MessageAttributes.StringValue", "MessageAttributes.BinaryValue"] as const),
  ...(["MessageSystemAttributes.DataType", "MessageSystemAttributes.StringValue"] as const),
];

/**
 * Validates a message, and sends it.
 *
 * @throws AwsError when the message is invalid.
 */
export function send(queue: Queue, input: MessageInput, { caller, request }: RequestContext) {
  const { MessageBody: body = "", MessageGroupId: groupId } = input;
  const { MessageSystemAttributes: system = {} } = input;
  const attributes = (input.MessageAttributes ?? {}) as MessageAttributes;
  if (body === "") throw missingParameter("MessageBody");
  if (INVALID_CHARACTER.test(body)) {
    const message =
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.";
    throw new AwsError("InvalidMessageContents", message);
  }
  const { length: count } = Object.keys(attributes);
  if (count > MAX_ATTRIBUTES) {
    const message = `Number of message attributes [${count}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`;
    throw new AwsError("InvalidParameterValue", message);
  }
  assertMessageAttributes(attributes, "InvalidParameterValue");
  if (input.MessageDeduplicationId !== undefined) {
    const reason = "The request includes a parameter that is not valid for this queue type.";
    throw invalidValue("MessageDeduplicationId", input.MessageDeduplicationId, reason);
  }
  if (groupId !== undefined && !GROUP_ID.test(groupId)) {
    const reason = "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
    throw invalidValue("MessageGroupId", groupId, reason);
  }
  const limit = Number(queue.attributes.MaximumMessageSize);
  if (messageBytes(body, attributes) > limit) {
    const message = `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`;
    throw new AwsError("InvalidParameterValue", message);
  }
  const delaySeconds = inRange("DelaySeconds", input.DelaySeconds, 0, MAX_DELAY_SECONDS);
  const traceHeader = traceHeaderOf(system) ?? request.headers["x-amzn-trace-id"]?.toString();
  const { messageId } = queue.send({ body, attributes, traceHeader, delaySeconds, groupId, senderId: caller.userId });
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(body),
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(system as MessageAttributes),
  };
}

function traceHeaderOf(attributes: Readonly<Record<string, MessageSystemAttributeValue>>): string | undefined {
  for (const [name, { DataType, StringValue }] of Object.entries(attributes)) {
    if (name === "AWSTraceHeader" && DataType === "String" && StringValue) return StringValue;
    const message = `The message system attribute '${name}' is invalid: only AWSTraceHeader is allowed, with the type String.`;
    throw new AwsError("InvalidParameterValue", message);
  }
  return undefined;
}
