import type { DeleteMessageBatchRequest, DeleteMessageRequest, ReceiveMessageRequest } from "@aws-sdk/client-sqs";
import {
  deleteMessage as fauxqsDeleteMessage,
  deleteMessageBatch as fauxqsDeleteMessageBatch,
  receiveMessage as fauxqsReceiveMessage,
  sendMessage as fauxqsSendMessage,
  sendMessageBatch as fauxqsSendMessageBatch,
  md5OfMessageAttributes,
  SqsError,
  type SqsStore,
} from "../fauxqs/parts";
import type { MessageWithSource } from "../fauxqs/persistence";
import { attributeProblem, type MessageAttribute } from "../message-attributes";
import { validateNames } from "./queue-actions";

const MAX_ENTRIES = 10;
const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;

/** Parameters of a message, whose types are already validated. */
interface SendInput {
  readonly DelaySeconds?: number | null;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>> | null;
  readonly MessageSystemAttributes?: Readonly<Record<string, MessageAttribute>> | null;
}

type SendEntry = SendInput & { readonly Id: string };

/** Handles SendMessage. fauxqs would accept attributes and delays that SQS rejects. */
export function sendMessage(input: SendInput, store: SqsStore): object {
  const problem = messageProblem(input);
  if (problem !== undefined) throw new SqsError("InvalidParameterValue", problem);
  return fauxqsSendMessage({ ...input }, store);
}

/** Handles SendMessageBatch. An invalid entry does not affect the other entries. */
export function sendMessageBatch(input: { readonly Entries?: readonly SendEntry[] }, store: SqsStore): object {
  const entries = input.Entries ?? [];
  // If the batch itself is invalid, fauxqs rejects it before sending any message.
  const isValidBatch = entries.length <= MAX_ENTRIES && new Set(entries.map(({ Id }) => Id)).size === entries.length;
  const failed = entries.flatMap((entry) => {
    const Message = isValidBatch ? messageProblem(entry) : undefined;
    return Message === undefined ? [] : [{ Id: entry.Id, SenderFault: true, Code: "InvalidParameterValue", Message }];
  });
  const valid = entries.filter(({ Id }) => !failed.some((entry) => entry.Id === Id));
  if (valid.length === 0 && failed.length > 0) return { Successful: [], Failed: failed };
  const output = fauxqsSendMessageBatch({ ...input, Entries: valid }, store);
  return { ...output, Failed: [...(output.Failed ?? []), ...failed] };
}

function messageProblem({
  DelaySeconds: delay,
  MessageAttributes: attributes,
  MessageSystemAttributes: system,
}: SendInput): string | undefined {
  if (typeof delay === "number" && (delay < 0 || delay > MAX_DELAY_SECONDS)) {
    return `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`;
  }
  if (Object.keys(system ?? {}).length > 0) {
    return "The local run does not support MessageSystemAttributes, because ReceiveMessage would not return AWSTraceHeader.";
  }
  const count = Object.keys(attributes ?? {}).length;
  if (count > MAX_ATTRIBUTES) {
    return `Number of message attributes [${count}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`;
  }
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    const problem = attributeProblem(name, attribute);
    if (problem !== undefined) return `The message attribute '${name}' ${problem}`;
  }
  return undefined;
}

type MessageOutput = NonNullable<Awaited<ReturnType<typeof fauxqsReceiveMessage>>["Messages"]>[number];

const SOURCE = "DeadLetterQueueSourceArn";

const SYSTEM_ATTRIBUTES = [
  ..."All AWSTraceHeader ApproximateFirstReceiveTimestamp ApproximateReceiveCount MessageDeduplicationId".split(" "),
  ..."MessageGroupId SenderId SentTimestamp SequenceNumber".split(" "),
  SOURCE,
];

/**
 * Handles ReceiveMessage, and returns only the requested attributes and their digest.
 * fauxqs returns the digest of all attributes, so SDKs would report a mismatch.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export async function receiveMessage(input: Partial<ReceiveMessageRequest>, store: SqsStore): Promise<object> {
  const { QueueUrl = "", AttributeNames = [], MessageSystemAttributeNames = [], MessageAttributeNames = [] } = input;
  const system: string[] = [...AttributeNames, ...MessageSystemAttributeNames];
  validateNames(system, SYSTEM_ATTRIBUTES);
  const output = await fauxqsReceiveMessage({ ...input, MessageAttributeNames: ["All"] }, store);
  const queue = store.getQueue(QueueUrl);
  for (const message of output.Messages ?? []) {
    keepRequestedAttributes(message, MessageAttributeNames);
    const stored: MessageWithSource | undefined = queue?.inflightMessages.get(String(message.ReceiptHandle))?.message;
    if (stored?.deadLetterSourceArn !== undefined && (system.includes("All") || system.includes(SOURCE))) {
      message.Attributes = { ...message.Attributes, [SOURCE]: stored.deadLetterSourceArn };
    }
  }
  return output;
}

/** Removes the attributes that were not requested by name, by `prefix.*` or by `All`. */
function keepRequestedAttributes(message: MessageOutput, names: readonly string[]): void {
  const isRequested = (attribute: string) =>
    names.some(
      (name) =>
        name === "All" ||
        name === ".*" ||
        name === attribute ||
        (/\.\*$/.test(name) && attribute.startsWith(name.slice(0, -1))),
    );
  const requested = Object.entries(message.MessageAttributes ?? {}).filter(([name]) => isRequested(name));
  delete message.MessageAttributes;
  delete message.MD5OfMessageAttributes;
  if (requested.length === 0) return;
  message.MessageAttributes = Object.fromEntries(requested);
  // Binary values are Base64 strings, although fauxqs declares them as bytes.
  message.MD5OfMessageAttributes = md5OfMessageAttributes(message.MessageAttributes as never);
}

/** The format of the local run's receipt handles. */
const RECEIPT_HANDLE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const INVALID_HANDLE = "ReceiptHandleIsInvalid";
const invalidHandleMessage = (handle: string) =>
  `The input receipt handle "${handle.slice(0, 100)}" is not a valid receipt handle.`;

/** Handles DeleteMessage. As in SQS, a malformed receipt handle is an error; a deleted message's handle is not. */
export function deleteMessage(input: Partial<DeleteMessageRequest>, store: SqsStore): unknown {
  const { ReceiptHandle: handle } = input;
  if (handle && !RECEIPT_HANDLE.test(handle)) throw new SqsError(INVALID_HANDLE, invalidHandleMessage(handle));
  return fauxqsDeleteMessage({ ...input }, store);
}

/** Handles DeleteMessageBatch. An invalid entry does not affect the other entries. */
export function deleteMessageBatch(input: Partial<DeleteMessageBatchRequest>, store: SqsStore): object {
  // This call also validates the batch.
  const { Successful = [] } = fauxqsDeleteMessageBatch({ ...input }, store);
  const failed = (input.Entries ?? [])
    .filter(({ ReceiptHandle }) => !RECEIPT_HANDLE.test(String(ReceiptHandle)))
    .map(({ Id, ReceiptHandle }) => ({
      Id,
      SenderFault: true,
      Code: INVALID_HANDLE,
      Message: invalidHandleMessage(String(ReceiptHandle)),
    }));
  const failedIds = failed.map(({ Id }) => Id);
  return { Successful: Successful.filter(({ Id }) => !failedIds.includes(Id)), Failed: failed };
}
