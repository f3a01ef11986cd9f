import { calculateMessageSize, SnsError } from "../fauxqs/parts";
import type { Form } from "./form";
import { type MessageAttributes, messageAttributesOf } from "./message-attributes";

/** A message as it is published, with nothing that SNS would refuse. */
export interface Message {
  /** What a subscription of a protocol gets, such as `sqs`. */
  readonly textFor: (protocol: string) => string;
  readonly subject: string | undefined;
  readonly attributes: MessageAttributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** As SNS counts: the text, and the attributes' names, types and values. */
  readonly bytes: number;
}

export interface PublishedMessage extends Message {
  /** SNS MessageId. */
  readonly id: string;
  /** Of the publication, as envelopes have it. */
  readonly timestamp: string;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_SUBJECT_LENGTH = 99;

/**
 * Reads a message from the parameters of Publish, or of one entry of PublishBatch.
 *
 * @throws SnsError for what SNS would refuse.
 */
export function messageOf(form: Form): Message {
  const { Message: text = "", Subject: subject, MessageStructure: structure } = form;
  if (text === "") throw invalid("Empty message");
  if (subject !== undefined && !isSubject(subject)) {
    throw invalid(
      `Subject: it must be a text of 1 to ${MAX_SUBJECT_LENGTH} characters without line breaks and control characters`,
    );
  }
  const attributes = messageAttributesOf(form);
  return {
    textFor: textsByProtocol(text, structure),
    subject,
    attributes,
    groupId: form.MessageGroupId,
    deduplicationId: form.MessageDeduplicationId,
    bytes: calculateMessageSize(text, attributes),
  };
}

export function invalid(reason: string): SnsError {
  return new SnsError("InvalidParameter", `Invalid parameter: ${reason}`);
}

function isSubject(subject: string): boolean {
  return [...subject].length <= MAX_SUBJECT_LENGTH && /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(subject);
}

/** With the structure `json` the text is a map of texts by protocol, and `default` is for those that it does not name. */
function textsByProtocol(text: string, structure: string | undefined): Message["textFor"] {
  if (structure === undefined || structure === "") return () => text;
  if (structure !== "json") throw invalid(`MessageStructure: it is "${structure}", and only "json" is one`);
  const texts = parseTexts(text);
  const byDefault = texts.get("default");
  if (byDefault === undefined) {
    throw invalid('Message Structure - No default entry in JSON message body: it must have a text under "default"');
  }
  return (protocol) => texts.get(protocol) ?? byDefault;
}

/** The texts of a map; SNS ignores what is no text. */
function parseTexts(json: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalid(`Message Structure - JSON message body failed to parse: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("Message Structure - JSON message body failed to parse: it is no JSON object");
  }
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return new Map(texts);
}
