import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { PublishBatchRequestEntry } from "@aws-sdk/client-sns";
import { assertMessageAttributes, messageBytes } from "../message-attributes";
import type { MessageAttributes } from "../observer";
import { invalidParameter, parseJsonObject } from "./errors";

/** The members that Publish and an entry of PublishBatch have in common. */
type MessageInput = Omit<PublishBatchRequestEntry, "Id">;

/** The members that have an effect. */
export const MESSAGE_MEMBERS = [
  ...(["Message", "Subject", "MessageStructure", "MessageGroupId", "MessageDeduplicationId"] as const),
  ...(["MessageAttributes.DataType", "MessageAttributes.StringValue", "MessageAttributes.BinaryValue"] as const),
];

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_SUBJECT_LENGTH = 99;
const GROUP_ID = /^[!-~]{1,128}$/;

/** A valid message. */
export class SnsMessage {
  readonly id = randomUUID();
  readonly subject: string | undefined;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  /** Size that counts toward SNS's limit: the text, and the attributes' names, types and values. */
  readonly bytes: number;
  /** Returns the text for a subscription's protocol, such as `sqs`. */
  readonly textFor: (protocol: string) => string;

  /** @throws AwsError for an invalid message. */
  constructor(input: MessageInput) {
    const { Message: text = "", Subject, MessageStructure, MessageAttributes = {}, MessageGroupId } = input;
    if (text === "") throw invalidParameter("Empty message");
    if (Subject !== undefined && !isSubject(Subject)) {
      throw invalidParameter(
        `Subject: expected 1 to ${MAX_SUBJECT_LENGTH} characters without line breaks or control characters`,
      );
    }
    if (MessageGroupId !== undefined && !GROUP_ID.test(MessageGroupId)) {
      throw invalidParameter("MessageGroupId Reason: expected 1 to 128 letters, digits and punctuation characters");
    }
    if (input.MessageDeduplicationId !== undefined) {
      throw invalidParameter(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
      );
    }
    this.subject = Subject;
    this.attributes = MessageAttributes as MessageAttributes;
    assertMessageAttributes(this.attributes, "InvalidParameterValueException");
    this.groupId = MessageGroupId;
    this.bytes = messageBytes(text, this.attributes);
    this.textFor = textsByProtocol(text, MessageStructure);
  }
}

function isSubject(subject: string): boolean {
  return [...subject].length <= MAX_SUBJECT_LENGTH && /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(subject);
}

/** Returns `textFor`. With the structure `json`, the message is a JSON object of texts by protocol, with a `default`. */
function textsByProtocol(text: string, structure: string | undefined): SnsMessage["textFor"] {
  if (structure === undefined || structure === "") return () => text;
  if (structure !== "json") throw invalidParameter(`MessageStructure: expected "json", not "${structure}"`);
  const texts = parseJsonObject("Message Structure - JSON message body failed to parse", text);
  const textFor = (protocol: string) => (typeof texts[protocol] === "string" ? texts[protocol] : undefined);
  const byDefault = textFor("default");
  if (byDefault === undefined) {
    throw invalidParameter('Message Structure - No default entry in JSON message body: "default" must be a string');
  }
  return (protocol) => textFor(protocol) ?? byDefault;
}

/** Returns the publisher's X-Ray trace header. Queues get it as the system attribute AWSTraceHeader. */
export function traceHeaderOf({ headers }: IncomingMessage): string | undefined {
  return headers["x-amzn-trace-id"]?.toString();
}
