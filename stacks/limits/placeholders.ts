import { partitionOf } from "../aws-arn";

type BlockConfig = Readonly<Record<string, unknown>>;

/** The parts of a stack's JSON that references can point to. */
export interface ReferableBlocks {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, BlockConfig>>>>;
  readonly variable?: Readonly<Record<string, BlockConfig>>;
}

/**
 * Placeholder for one character that is known only after an apply. AWS does not allow this character in any value. A
 * value of unknown length counts as one character, so that the checks report no false problems.
 */
const UNKNOWN = "\x7f";

const ACCOUNT_ID = "123456789012";
const UUID_LENGTH = 36;

/** Returns whether the whole text is known before an apply. */
export function isKnown(text: string): boolean {
  return !text.includes(UNKNOWN);
}

/**
 * Replaces Terraform expressions in texts by their values, or by placeholders if the values are known only after an
 * apply. The placeholder of an ARN or URL is at least as long as the real value.
 *
 * @example
 * new Placeholders({ variable: { name: { default: "alice" } } }, "eu-central-1").expand("${var.name}-events");
 * // alice-events
 */
export class Placeholders {
  constructor(
    private readonly blocks: ReferableBlocks,
    private readonly region: string,
  ) {}

  expand(text: string): string {
    const begin = /([$%])\1\{|[$%]\{/.exec(text);
    if (!begin) return text;
    const before = text.slice(0, begin.index);
    // Terraform reads `$${` as a literal `${`.
    if (begin[1]) return `${before}${begin[1]}{${this.expand(text.slice(begin.index + 3))}`;
    const end = endOfExpression(text, begin.index);
    if (end === undefined) return text;
    return before + this.valueOf(text.slice(begin.index + 2, end - 1)) + this.expand(text.slice(end));
  }

  private valueOf(expression: string): string {
    const [type = "", address = "", attribute = ""] = expression.split(".");
    if (type === "var") {
      const value = this.blocks.variable?.[address]?.default;
      // The user must replace an empty default.
      return typeof value === "string" && value !== "" ? value : UNKNOWN;
    }
    if (/^data\.aws_caller_identity\.\w+\.account_id$/.test(expression)) return ACCOUNT_ID;
    const config = /^\w+\.\w+\.\w+$/.test(expression) ? this.blocks.resource?.[type]?.[address] : undefined;
    if (config === undefined) return UNKNOWN;
    const value = config[attribute];
    return typeof value === "string" ? this.expand(value) : UNKNOWN.repeat(this.lengthOf(attribute, config));
  }

  /** Returns the maximum length of an attribute that AWS derives from the resource's name. */
  private lengthOf(attribute: string, { name, bucket, function_name }: BlockConfig): number {
    const resourceName = name ?? bucket ?? function_name;
    const nameLength = typeof resourceName === "string" ? this.expand(resourceName).length : UUID_LENGTH;
    if (attribute === "arn") {
      return (
        `arn:${partitionOf(this.region)}:firehose:${this.region}:${ACCOUNT_ID}:deliverystream/`.length + nameLength
      );
    }
    // A queue's ID is its URL; other resources' IDs are shorter.
    if (attribute === "id" || attribute === "url") {
      return `https://sqs.${this.region}.amazonaws.com/${ACCOUNT_ID}/`.length + nameLength;
    }
    return attribute === "key_id" ? UUID_LENGTH : 1;
  }
}

/** Returns the index after the expression that begins at `start`. The expression may contain nested braces. */
function endOfExpression(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "{") depth += 1;
    else if (text[index] === "}") depth -= 1;
    if (text[index] === "}" && depth === 0) return index + 1;
  }
  return undefined;
}
