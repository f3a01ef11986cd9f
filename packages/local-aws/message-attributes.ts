/** A message attribute in SNS or SQS. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | null;
  /** Base64-encoded value. */
  readonly BinaryValue?: string | null;
}

const MAX_NAME_LENGTH = 256;
/** Matches a decimal number, such as `-1.5e3`. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_DIGITS = 38;

/**
 * Validates a message attribute.
 *
 * @returns the problem as a text that follows "The message attribute 'name'"; undefined for a valid attribute.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function attributeProblem(name: string, attribute: MessageAttribute): string | undefined {
  return nameProblem(name) ?? valueProblem(attribute);
}

function nameProblem(name: string): string | undefined {
  if (!/^[\w.-]+$/.test(name) || name.length > MAX_NAME_LENGTH) {
    return `must have a name of 1 to ${MAX_NAME_LENGTH} letters, digits, hyphens, underscores and dots.`;
  }
  if (/^\.|\.\.|\.$/.test(name))
    return "must have a name that does not begin or end with a dot and has no consecutive dots.";
  return /^(?:aws|amazon)\./i.test(name) ? "must not have a name that begins with AWS. or Amazon." : undefined;
}

function valueProblem({ DataType, StringValue, BinaryValue }: MessageAttribute): string | undefined {
  const [type = ""] = DataType.split(".");
  if (!["String", "Number", "Binary"].includes(type)) {
    return `has the type '${DataType}', which must begin with String, Number or Binary.`;
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (!value) return `must have a non-empty value, because its type is '${DataType}'.`;
  const digits = value.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return DataType === "Number" && !(NUMBER.test(value) && digits.length <= MAX_DIGITS)
    ? `has the type 'Number', but the value '${value}' is not a number with at most ${MAX_DIGITS} digits.`
    : undefined;
}
