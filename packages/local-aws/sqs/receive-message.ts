import { md5OfMessageAttributes, receiveMessage, SqsError, type SqsStore } from "../fauxqs/parts";
import type { DeadLetter } from "./dead-letter-sources";

type Received = NonNullable<Awaited<ReturnType<typeof receiveMessage>>["Messages"]>[number];

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
 * ReceiveMessage. fauxqs gives attributes for which nobody asked, and the
 * digest of them all: SDKs compare it to those that they get.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export async function receive(input: ReceiveInput, store: SqsStore): Promise<{ Messages?: Received[] | undefined }> {
  const system = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const unknown = system.find((name) => !SYSTEM_ATTRIBUTES.has(name));
  if (unknown !== undefined) throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const answer = await receiveMessage({ ...input, MessageAttributeNames: ["All"] }, store);
  const queue = store.getQueue(String(input.QueueUrl));
  for (const message of answer.Messages ?? []) {
    giveAttributes(message, input.MessageAttributeNames ?? []);
    const stored: DeadLetter | undefined = queue?.inflightMessages.get(String(message.ReceiptHandle))?.message;
    if (stored?.deadLetterSourceArn !== undefined && (system.includes("All") || system.includes(SOURCE))) {
      message.Attributes = { ...message.Attributes, [SOURCE]: stored.deadLetterSourceArn };
    }
  }
  return answer;
}

/** Leaves those that were asked for: by name, by `prefix.*`, or all of them. */
function giveAttributes(message: Received, names: readonly string[]): void {
  const isWanted = (attribute: string) =>
    names.some(
      (name) =>
        name === "All" ||
        name === ".*" ||
        name === attribute ||
        (/\.\*$/.test(name) && attribute.startsWith(name.slice(0, -1))),
    );
  const given = Object.entries(message.MessageAttributes ?? {}).filter(([name]) => isWanted(name));
  delete message.MessageAttributes;
  delete message.MD5OfMessageAttributes;
  if (given.length === 0) return;
  message.MessageAttributes = Object.fromEntries(given);
  // Binary values are what the client sent, base64; fauxqs declares them as the SDK does.
  message.MD5OfMessageAttributes = md5OfMessageAttributes(message.MessageAttributes as never);
}
