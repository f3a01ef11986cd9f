/** A message attribute as the protocols of SNS and SQS have it, its types checked. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | null;
  /** Base64. */
  readonly BinaryValue?: string | null;
}

const NAME = /^(?!aws\.|amazon\.)(?!\.)(?!.*\.\.)(?!.*\.$)[\w.-]{1,256}$/i;
const DATA_TYPE = /^(String|Number|Binary)(?:\..+)?$/s;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const MAX_DATA_TYPE = 256;
const MAX_DIGITS = 38;

/**
 * Why SNS and SQS would refuse a message's attributes: a name, a type or a
 * value that they do not take.
 *
 * @returns undefined for attributes that they take.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function wrongMessageAttribute(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  for (const [name, attribute] of Object.entries(attributes)) {
    const problem = wrongName(name) ?? wrongValue(name, attribute);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function wrongName(name: string): string | undefined {
  if (NAME.test(name)) return undefined;
  return `The message attribute name '${name}' is invalid. It has 1 to 256 letters, digits, underscores, hyphens and periods, no period at its start or end or after another, and does not start with AWS. or Amazon.`;
}

function wrongValue(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): string | undefined {
  const type = DATA_TYPE.exec(DataType)?.[1];
  if (type === undefined || DataType.length > MAX_DATA_TYPE) {
    return `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`;
  }
  const value = type === "Binary" ? BinaryValue : StringValue;
  if (!value) {
    return `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`;
  }
  if (type !== "Number" || isNumber(value)) return undefined;
  return `Can't cast the value of message attribute '${name}' to a number.`;
}

/** Of at most 38 digits, between 10^-128 and 10^126. */
function isNumber(text: string): boolean {
  const digits = text.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  const size = Math.abs(Number(text));
  return NUMBER.test(text) && digits.length <= MAX_DIGITS && (size === 0 || (size >= 1e-128 && size <= 1e126));
}
