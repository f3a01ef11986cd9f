import { isPolicy } from "../policy-document";
import { AwsError } from "../protocols/aws-error";

/** Queue attributes by name, as clients send them. */
export type AttributeTexts = Readonly<Record<string, string>>;

/** Minimum, maximum and default of the attributes that are numbers. */
const NUMBERS: Readonly<Record<string, readonly [min: number, max: number, byDefault: number]>> = {
  DelaySeconds: [0, 900, 0],
  KmsDataKeyReusePeriodSeconds: [60, 86_400, 300],
  MaximumMessageSize: [1_024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
};

const TEXTS = ["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled"];

/** Attributes that only FIFO queues have. */
export const FIFO_ATTRIBUTES = ["ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"];

/** Attributes that only AWS sets. */
const COMPUTED = [
  ...["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible"],
  ...["CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"],
];

const SETTABLE = new Set([...Object.keys(NUMBERS), ...TEXTS]);
const READABLE = new Set(["All", ...SETTABLE, ...FIFO_ATTRIBUTES, ...COMPUTED]);

const MAX_RECEIVE_COUNT = 1_000;
const MAX_SOURCE_QUEUES = 10;
const QUEUE_ARN = /^arn:aws:sqs:[\w-]+:\d{12}:[\w-]+(?:\.fifo)?$/;

/** Target of a queue's messages after too many receives. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Queues that may use a queue as their dead-letter queue. */
export interface RedriveAllowPolicy {
  readonly redrivePermission: "allowAll" | "denyAll" | "byQueue";
  readonly sourceQueueArns?: readonly string[];
}

/** @throws AwsError when an attribute has no such name. */
export function validateReadableNames(names: readonly string[]): void {
  const unknown = names.find((name) => !READABLE.has(name));
  if (unknown !== undefined) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
}

/**
 * Validates attributes, and returns them in a canonical form. An empty string removes an attribute.
 *
 * @throws AwsError when a name or a value is invalid.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
export function parseAttributes(attributes: AttributeTexts): AttributeTexts {
  const { KmsMasterKeyId, SqsManagedSseEnabled } = attributes;
  if (KmsMasterKeyId && SqsManagedSseEnabled === "true") {
    const message =
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";
    throw new AwsError("InvalidAttributeValue", message);
  }
  return Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, parseAttribute(name, text)]));
}

function parseAttribute(name: string, text: string): string {
  if (!SETTABLE.has(name)) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
  const range = NUMBERS[name];
  if (range) return parseNumber(name, text, range);
  if (name === "SqsManagedSseEnabled") {
    if (/^(?:true|false)$/.test(text)) return text;
    throw invalidAttribute(name, "Must be true or false.");
  }
  if (text === "" || name === "KmsMasterKeyId") return text;
  if (name === "RedrivePolicy") return JSON.stringify(parseRedrivePolicy(text));
  if (name === "RedriveAllowPolicy") return JSON.stringify(parseRedriveAllowPolicy(text));
  if (isPolicy(text, "Principal", "sqs")) return text;
  throw invalidAttribute("Policy", "Must be a policy with statements for actions of SQS.");
}

function parseNumber(name: string, text: string, [min, max]: readonly [number, number, number]): string {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return String(value);
  throw invalidAttribute(name, `Must be a whole number from ${min} to ${max}.`);
}

function invalidAttribute(name: string, reason: string): AwsError {
  return new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}. Reason: ${reason}`);
}

/** @throws AwsError for a value that is not allowed, with AWS's wording. */
export function invalidValue(name: string, value: unknown, reason: string): AwsError {
  return new AwsError("InvalidParameterValue", `Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
}

function jsonObject(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw invalidValue(name, text, "Redrive policy is not a valid JSON map.");
}

function assertNoOther(name: string, text: string, others: object): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalidValue(name, text, `${other} is not allowed.`);
}

function parseRedrivePolicy(text: string): RedrivePolicy {
  const name = "RedrivePolicy";
  const { deadLetterTargetArn, maxReceiveCount, ...others } = jsonObject(name, text);
  assertNoOther(name, text, others);
  if (typeof deadLetterTargetArn !== "string") throw invalidValue(name, text, "deadLetterTargetArn is required.");
  if (!QUEUE_ARN.test(deadLetterTargetArn)) throw invalidValue(name, text, "Invalid value for deadLetterTargetArn.");
  const count = /^\d+$/.test(String(maxReceiveCount)) ? Number(maxReceiveCount) : 0;
  if (count >= 1 && count <= MAX_RECEIVE_COUNT) return { deadLetterTargetArn, maxReceiveCount: count };
  const reason = `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${MAX_RECEIVE_COUNT} both inclusive.`;
  throw invalidValue(name, text, reason);
}

function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const name = "RedriveAllowPolicy";
  const { redrivePermission, sourceQueueArns: arns, ...others } = jsonObject(name, text);
  assertNoOther(name, text, others);
  if (redrivePermission === "allowAll" || redrivePermission === "denyAll") {
    if (arns === undefined) return { redrivePermission };
    throw invalidValue(name, text, "sourceQueueArns is allowed only with redrivePermission byQueue.");
  }
  if (redrivePermission !== "byQueue") {
    throw invalidValue(name, text, "redrivePermission must be allowAll, denyAll or byQueue.");
  }
  const isList = Array.isArray(arns) && arns.length >= 1 && arns.length <= MAX_SOURCE_QUEUES;
  if (isList && arns.every((arn) => QUEUE_ARN.test(String(arn)))) return { redrivePermission, sourceQueueArns: arns };
  throw invalidValue(name, text, `sourceQueueArns must have 1 to ${MAX_SOURCE_QUEUES} ARNs of queues.`);
}

/** Returns all attributes that have a value, with their defaults. */
export function effectiveAttributes(set: AttributeTexts): AttributeTexts {
  const { KmsMasterKeyId: key = "" } = set;
  const defaults = Object.entries(NUMBERS).map(([name, [, , byDefault]]) => [name, String(byDefault)] as const);
  const merged: Record<string, string> = {
    ...Object.fromEntries(defaults),
    SqsManagedSseEnabled: "true",
    ...set,
  };
  if (key === "") delete merged.KmsDataKeyReusePeriodSeconds;
  else merged.SqsManagedSseEnabled = "false";
  return Object.fromEntries(Object.entries(merged).filter(([, text]) => text !== ""));
}
