import * as sdk from "@aws-sdk/client-sqs";
import { NormalizedSchema } from "@smithy/core/schema";
import type { StaticOperationSchema } from "@smithy/types";
import { SqsError } from "../fauxqs/parts";
import type { JsonInput } from "../protocols/json-service";
import { parseRedrivePolicy } from "../redrive-policy";

/** Returns the SDK's schema for an action's input or output. */
export function schemaOf(action: string, part: "input" | "output"): NormalizedSchema {
  const schema = (sdk as unknown as Record<string, StaticOperationSchema>)[`${action}$`];
  return NormalizedSchema.of(schema?.[part === "input" ? 4 : 5] ?? "unit");
}

/** Returns a structure's members. */
export function membersOf(schema: NormalizedSchema): [name: string, member: NormalizedSchema][] {
  return [...schema.structIterator()] as [string, NormalizedSchema][];
}

/** Required members of batch entries, by action. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  SendMessageBatch: ["Id", "MessageBody"],
  DeleteMessageBatch: ["Id", "ReceiptHandle"],
  ChangeMessageVisibilityBatch: ["Id", "ReceiptHandle", "VisibilityTimeout"],
};

const MAX_ID_LENGTH = 80;

/**
 * Validates the types in an action's input, and the entries of a batch. Without this
 * check, a visibility timeout of "abc" would hide a message in fauxqs permanently.
 *
 * @throws SqsError with the path of the invalid value.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export function validateInput(action: string, input: JsonInput): void {
  const [problem] = problems(schemaOf(action, "input"), input, "");
  if (problem !== undefined) throw new SqsError("SerializationException", `${problem}.`);
  const entries = (input.Entries ?? []) as readonly JsonInput[];
  for (const [index, entry] of entries.entries()) {
    const entryName = `${action}RequestEntry.${index + 1}`;
    // An empty string counts as missing; the number 0 does not.
    const missing = REQUIRED[action]?.find((member) => (entry[member] ?? "") === "");
    if (missing !== undefined) {
      throw new SqsError("MissingParameter", `The request must contain the parameter ${entryName}.${missing}.`);
    }
    if (String(entry.Id).length > MAX_ID_LENGTH) {
      throw new SqsError("InvalidBatchEntryId", `${entryName}.Id has more than ${MAX_ID_LENGTH} characters.`);
    }
  }
}

/** Rules for strings, by path. Each returns the problem; undefined for a valid string. */
const STRING_RULES: Readonly<Record<string, (text: string) => string | undefined>> = {
  QueueName: (text) =>
    /^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(text)
      ? undefined
      : "must have 1 to 80 letters, digits, hyphens or underscores",
  "Attributes.RedrivePolicy": (text) => {
    if (text === "") return undefined; // An empty string removes the policy.
    const { deadLetterTargetArn, maxReceiveCount } = parseRedrivePolicy(text);
    const isPolicy = typeof deadLetterTargetArn === "string" && Number.isInteger(Number(maxReceiveCount));
    return isPolicy && Number(maxReceiveCount) >= 1
      ? undefined
      : "must be JSON with a deadLetterTargetArn and a maxReceiveCount of at least 1";
  },
};

/** Yields the problems with the value at a path. */
function* problems(schema: NormalizedSchema, value: unknown, path: string): Generator<string> {
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) yield `${path} is not a list`;
    else for (const [index, one] of value.entries()) yield* problems(schema.getValueSchema(), one, `${path}[${index}]`);
  } else if (schema.isMapSchema() || schema.isStructSchema()) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      yield `${path} is not a ${schema.isMapSchema() ? "map" : "JSON object"}`;
      return;
    }
    const members = schema.isStructSchema() ? new Map(membersOf(schema)) : undefined;
    for (const [name, inner] of Object.entries(value)) {
      // A null member counts as absent, and SQS ignores unknown members.
      const member = members ? inner !== null && members.get(name) : schema.getValueSchema();
      if (member) yield* problems(member, inner, path ? `${path}.${name}` : name);
    }
    const isAttribute = members?.has("DataType") ?? false;
    if (isAttribute && typeof (value as JsonInput).DataType !== "string") yield `${path}.DataType is not a string`;
  } else if (schema.isNumericSchema()) {
    if (!Number.isSafeInteger(value)) yield `${path} is not a whole number`;
  } else if (typeof value !== "string") yield `${path} is not a string`;
  else {
    const problem = STRING_RULES[path]?.(value);
    if (problem !== undefined) yield `${path} ${problem}`;
  }
}

export function required<Name extends string>(
  input: { readonly [Each in Name]?: string | undefined },
  name: Name,
): string {
  const value = input[name];
  if (value) return value;
  throw new SqsError("MissingParameter", `The request must contain the parameter ${name}.`);
}

export function inRange<Name extends string>(
  input: { readonly [Each in Name]?: number | undefined },
  name: Name,
  min: number,
  max: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || (value >= min && value <= max)) return value;
  const message = `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`;
  throw new SqsError("InvalidParameterValue", message);
}
