/** A message attribute of SNS and SQS. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | null;
  /** Value in Base64. */
  readonly BinaryValue?: string | null;
}

const MAX_NAME_LENGTH = 256;
/** A number in Java's format. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const MAX_DIGITS = 38;

/**
 * Validates a message attribute.
 *
 * @returns the problem, which continues "The message attribute 'name'"; undefined for a valid one.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function attributeProblem(name: string, attribute: MessageAttribute): string | undefined {
  return nameProblem(name) ?? valueProblem(attribute);
}

function nameProblem(name: string): string | undefined {
  if (!/^[\w.-]+$/.test(name) || name.length > MAX_NAME_LENGTH) {
    return `must have a name of 1 to ${MAX_NAME_LENGTH} letters, digits, hyphens, underscores and dots.`;
  }
  if (/^\.|\.\.|\.$/.test(name)) return "must have a name without a dot at either end, and without two in a row.";
  return /^(?:aws|amazon)\./i.test(name) ? "must not have a name that begins with AWS. or Amazon." : undefined;
}

function valueProblem({ DataType, StringValue, BinaryValue }: MessageAttribute): string | undefined {
  const [type = ""] = DataType.split(".");
  if (!["String", "Number", "Binary"].includes(type)) {
    return `has the type '${DataType}'. It must begin with String, Number or Binary.`;
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (!value) return `must have a value that is not empty, as its type is '${DataType}'.`;
  const digits = value.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return DataType === "Number" && !(NUMBER.test(value) && digits.length <= MAX_DIGITS)
    ? `has the type 'Number' and the value '${value}', which is not a number of at most ${MAX_DIGITS} digits.`
    : undefined;
}
