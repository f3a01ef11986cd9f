import {
  receiveMessage as fauxqsReceiveMessage,
  md5OfMessageAttributes,
  SqsError,
  type SqsStore,
} from "../fauxqs/parts";
import type { SourcedMessage } from "./dead-letter-sources";

type MessageOutput = NonNullable<Awaited<ReturnType<typeof fauxqsReceiveMessage>>["Messages"]>[number];

interface ReceiveInput {
  readonly QueueUrl?: string | null;
  readonly AttributeNames?: readonly string[] | null;
  readonly MessageSystemAttributeNames?: readonly string[] | null;
  readonly MessageAttributeNames?: readonly string[] | null;
}

const SOURCE = "DeadLetterQueueSourceArn";

const SYSTEM_ATTRIBUTES = new Set([
  ..."All AWSTraceHeader ApproximateFirstReceiveTimestamp ApproximateReceiveCount MessageDeduplicationId".split(" "),
  ..."MessageGroupId SenderId SentTimestamp SequenceNumber".split(" "),
  SOURCE,
]);

/**
 * Handles ReceiveMessage. fauxqs returns attributes that were not requested and
 * a digest of all of them, which SDKs compare with the requested ones.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export async function receiveMessage(
  input: ReceiveInput,
  store: SqsStore,
): Promise<{ Messages?: MessageOutput[] | undefined }> {
  const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const unknown = system.find((name) => !SYSTEM_ATTRIBUTES.has(name));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const answer = await fauxqsReceiveMessage({ ...input, MessageAttributeNames: ["All"] }, store);
  const queue = store.getQueue(String(input.QueueUrl));
  for (const message of answer.Messages ?? []) {
    keepRequestedAttributes(message, input.MessageAttributeNames ?? []);
    const stored: SourcedMessage | undefined = queue?.inflightMessages.get(String(message.ReceiptHandle))?.message;
    if (stored?.deadLetterSourceArn !== undefined && (system.includes("All") || system.includes(SOURCE))) {
      message.Attributes = { ...message.Attributes, [SOURCE]: stored.deadLetterSourceArn };
    }
  }
  return answer;
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
  // Binary values are Base64 text; fauxqs declares them as bytes.
  message.MD5OfMessageAttributes = md5OfMessageAttributes(message.MessageAttributes as never);
}
