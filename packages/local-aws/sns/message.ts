import { calculateMessageSize, SnsError, type SnsMessageAttribute } from "../fauxqs/parts";
import { attributeProblem } from "../message-attributes";
import { elementsOf, type Form } from "./form";

type SnsMessageAttributes = Record<string, SnsMessageAttribute>;

/** A valid message from Publish or PublishBatch. */
export interface SnsMessage {
  /** Returns the text for a subscription's protocol, such as `sqs`. */
  readonly textFor: (protocol: string) => string;
  readonly subject: string | undefined;
  readonly attributes: SnsMessageAttributes;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** Size that counts toward SNS's limit: the text, and the attributes' names, types and values. */
  readonly bytes: number;
}

export interface PublishedSnsMessage extends SnsMessage {
  /** The SNS message ID. */
  readonly id: string;
  /** Time of publication in epoch milliseconds. */
  readonly publishedAt: number;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_SUBJECT_LENGTH = 99;

/**
 * Reads a message from the parameters of Publish or of a PublishBatch entry.
 *
 * @throws SnsError for an invalid message.
 */
export function messageOf(form: Form): SnsMessage {
  const { Message: text = "", Subject: subject, MessageStructure: structure } = form;
  if (text === "") throw invalidParameter("Empty message");
  if (subject !== undefined && !isSubject(subject)) {
    throw invalidParameter(
      `Subject: expected 1 to ${MAX_SUBJECT_LENGTH} characters without line breaks or control characters`,
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

/** Creates SNS's error for an invalid parameter. */
export function invalidParameter(reason: string): SnsError {
  return new SnsError("InvalidParameter", `Invalid parameter: ${reason}`);
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
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalidParameter(`Message Structure - JSON message body failed to parse: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidParameter("Message Structure - JSON message body failed to parse: expected a JSON object");
  }
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return new Map(texts);
}

/**
 * Reads and validates message attributes.
 *
 * @throws SnsError ParameterValueInvalid with the invalid attribute's name.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
function messageAttributesOf(form: Form): SnsMessageAttributes {
  return Object.fromEntries(
    elementsOf(form, "MessageAttributes.entry").map((element) => {
      const { Name = "", "Value.DataType": DataType = "" } = element;
      const { "Value.StringValue": StringValue, "Value.BinaryValue": BinaryValue } = element;
      const attribute = {
        DataType,
        ...(StringValue !== undefined && { StringValue }),
        ...(BinaryValue !== undefined && { BinaryValue }),
      };
      const problem = attributeProblem(Name, attribute);
      if (problem !== undefined)
        throw new SnsError("ParameterValueInvalid", `The message attribute '${Name}' ${problem}`);
      return [Name, attribute];
    }),
  );
}
