import type { Message, ReceiveMessageRequest, ReceiveMessageResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { md5OfAttributes } from "../../message-attributes";
import { AwsError } from "../../protocols/aws-error";
import { type ReceivedMessage, systemAttributes } from "../message";
import { inRange } from "../parameters";
import { invalidValue } from "../queue-attributes";
import type { Sqs } from "../sqs";
import { MAX_VISIBILITY_TIMEOUT } from "./change-message-visibility";

const MAX_MESSAGES = 10;
const MAX_WAIT_SECONDS = 20;
const MAX_IN_FLIGHT = 120_000;

const SYSTEM_ATTRIBUTES = new Set<string>([
  ...["All", "AWSTraceHeader", "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount"],
  ...["DeadLetterQueueSourceArn", "MessageDeduplicationId", "MessageGroupId", "SenderId", "SentTimestamp"],
  "SequenceNumber",
]);

export const ReceiveMessage: Action<ReceiveMessageRequest, ReceiveMessageResult, Sqs> = {
  handles: [
    ...(["QueueUrl", "AttributeNames", "MessageSystemAttributeNames", "MessageAttributeNames"] as const),
    ...(["MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds", "ReceiveRequestAttemptId"] as const),
  ],
  differs: "finds noisy message groups by their share of the messages in flight, not by their processing time",
  async run({ QueueUrl, ...input }, sqs, context) {
    const queue = sqs.queueByUrl(QueueUrl);
    const { AttributeNames = [], MessageSystemAttributeNames = [], MessageAttributeNames = [] } = input;
    const system: readonly string[] = [...AttributeNames, ...MessageSystemAttributeNames];
    const unknown = system.find((name) => !SYSTEM_ATTRIBUTES.has(name));
    if (unknown !== undefined) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
    if (input.ReceiveRequestAttemptId !== undefined) {
      const reason = "The request includes a parameter that is not valid for this queue type.";
      throw invalidValue("ReceiveRequestAttemptId", input.ReceiveRequestAttemptId, reason);
    }
    const max = inRange("MaxNumberOfMessages", input.MaxNumberOfMessages, 1, MAX_MESSAGES) ?? 1;
    const visibility = inRange("VisibilityTimeout", input.VisibilityTimeout, 0, MAX_VISIBILITY_TIMEOUT);
    const wait =
      inRange("WaitTimeSeconds", input.WaitTimeSeconds, 0, MAX_WAIT_SECONDS) ??
      Number(queue.attributes.ReceiveMessageWaitTimeSeconds);
    if (wait === 0 && queue.counts().inFlight >= MAX_IN_FLIGHT) {
      throw new AwsError("OverLimit", `The queue has ${MAX_IN_FLIGHT} messages in flight. Delete some of them.`);
    }
    const options = { max, visibilityTimeoutMs: visibility === undefined ? undefined : visibility * 1_000 };
    let messages = await queue.receive(options);
    // The signal takes time to set up, and most receives do not wait.
    if (messages.length === 0 && wait > 0) {
      messages = await queue.receive({ ...options, waitMs: wait * 1_000, signal: context.disconnected() });
    }
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => describe(message, system, MessageAttributeNames)) };
  },
};

/** Returns a message with the requested attributes, and with the digest of these. */
function describe(message: ReceivedMessage, system: readonly string[], names: readonly string[]): Message {
  const Attributes = pick(system.length > 0 ? systemAttributes(message) : {}, (attribute) =>
    system.some((name) => name === "All" || name === attribute),
  );
  const MessageAttributes = pick(message.attributes, (attribute) => names.some((name) => matches(name, attribute)));
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    Attributes,
    MessageAttributes,
    MD5OfMessageAttributes: md5OfAttributes(MessageAttributes),
  };
}

/** Returns the attributes with certain names; undefined if there are none. */
function pick<Value>(attributes: Readonly<Record<string, Value>>, isRequested: (name: string) => boolean) {
  const names = Object.keys(attributes).filter(isRequested);
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, attributes[name] as Value]));
}

/** Returns whether a requested name means an attribute: by its name, by `prefix.*`, or by `All`. */
function matches(requested: string, attribute: string): boolean {
  if (requested === "All" || requested === ".*" || requested === attribute) return true;
  return requested.endsWith(".*") && attribute.startsWith(requested.slice(0, -1));
}
