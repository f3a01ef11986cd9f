import { partitionOf } from "../options/aws-region";

type Config = Readonly<Record<string, unknown>>;

/** The parts of a stack's JSON that references lead to. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Config>>>>;
  readonly variable?: Readonly<Record<string, Config>>;
}

/**
 * Stands for each character of what only an apply knows; AWS allows it nowhere. Where not even the length is known it
 * counts one, so that only certain faults are found.
 */
const UNKNOWN = "\x7f";

const ACCOUNT_ID = "123456789012";
const UUID_LENGTH = 36;

/** Whether a text is known at synth as a whole. */
export function isKnown(text: string): boolean {
  return !text.includes(UNKNOWN);
}

/**
 * Puts in place of each of Terraform's expressions in a text what it will stand for on AWS. For an ARN or a URL that is
 * something unknown, at least as long as the longest kind.
 */
export class StandIns {
  constructor(
    private readonly json: StackJson,
    private readonly region: string,
  ) {}

  expand(text: string): string {
    const begin = /([$%])\1\{|[$%]\{/.exec(text);
    if (!begin) return text;
    const before = text.slice(0, begin.index);
    // Terraform takes two dollars for one.
    if (begin[1]) return `${before}${begin[1]}{${this.expand(text.slice(begin.index + 3))}`;
    const end = endOfExpression(text, begin.index);
    if (end === undefined) return text;
    return before + this.standInFor(text.slice(begin.index + 2, end - 1)) + this.expand(text.slice(end));
  }

  private standInFor(expression: string): string {
    const [type = "", address = "", attribute = ""] = expression.split(".");
    if (type === "var") {
      const preset = this.json.variable?.[address]?.default;
      // A default that is empty is to be replaced.
      return typeof preset === "string" && preset !== "" ? preset : UNKNOWN;
    }
    if (/^data\.aws_caller_identity\.\w+\.account_id$/.test(expression)) return ACCOUNT_ID;
    const config = /^\w+\.\w+\.\w+$/.test(expression) ? this.json.resource?.[type]?.[address] : undefined;
    if (config === undefined) return UNKNOWN;
    const given = config[attribute];
    return typeof given === "string" ? this.expand(given) : UNKNOWN.repeat(this.lengthOf(attribute, config));
  }

  /** The length of an attribute that AWS makes of the resource's name. */
  private lengthOf(attribute: string, { name, bucket, function_name }: Config): number {
    const given = name ?? bucket ?? function_name;
    const own = typeof given === "string" ? this.expand(given).length : UUID_LENGTH;
    if (attribute === "arn") {
      return `arn:${partitionOf(this.region)}:firehose:${this.region}:${ACCOUNT_ID}:deliverystream/`.length + own;
    }
    // A queue's are its URL; other resources' are shorter.
    if (attribute === "id" || attribute === "url") {
      return `https://sqs.${this.region}.amazonaws.com/${ACCOUNT_ID}/`.length + own;
    }
    return attribute === "key_id" ? UUID_LENGTH : 1;
  }
}

/** Where the expression that begins at `start` is over, after its own braces and those of its maps and templates. */
function endOfExpression(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === "{") depth += 1;
    else if (text[index] === "}") depth -= 1;
    if (text[index] === "}" && depth === 0) return index + 1;
  }
  return undefined;
}
