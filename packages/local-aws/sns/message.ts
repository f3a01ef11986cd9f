import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { PublishBatchRequestEntry } from "@aws-sdk/client-sns";
import { attributeProblem, messageBytes } from "../message-attributes";
import type { MessageAttribute, MessageAttributes } from "../observer";
import { AwsError } from "../protocols/aws-error";
import { invalidParameter } from "./errors";

/** The members that Publish and an entry of PublishBatch have in common. */
type MessageInput = Omit<PublishBatchRequestEntry, "Id">;

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
    this.attributes = validAttributes(MessageAttributes as MessageAttributes);
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
  const texts = parseTexts(text);
  const byDefault = texts.get("default");
  if (byDefault === undefined) {
    throw invalidParameter('Message Structure - No default entry in JSON message body: "default" must be a string');
  }
  return (protocol) => texts.get(protocol) ?? byDefault;
}

/** Parses a JSON object of strings. SNS ignores values of other types. */
function parseTexts(json: string): ReadonlyMap<string, string> {
  const failed = (reason: string) =>
    invalidParameter(`Message Structure - JSON message body failed to parse: ${reason}`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw failed((error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw failed("expected a JSON object");
  return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
function validAttributes(attributes: MessageAttributes): MessageAttributes {
  for (const name in attributes) {
    const problem = attributeProblem(name, attributes[name] as MessageAttribute);
    if (problem !== undefined) {
      throw new AwsError("InvalidParameterValueException", `The message attribute '${name}' ${problem}`);
    }
  }
  return attributes;
}

/** Returns the publisher's X-Ray trace header. Queues get it as the system attribute AWSTraceHeader. */
export function traceHeaderOf({ headers }: IncomingMessage): string | undefined {
  return headers["x-amzn-trace-id"]?.toString();
}
