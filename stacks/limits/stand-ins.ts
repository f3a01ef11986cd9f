import { NAME_RULES } from "../../contract/resource-names";
import { partitionOf } from "../options/aws-region";

type Config = Readonly<Record<string, unknown>>;

/** The parts of a stack's JSON that references lead to. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Config>>>>;
  readonly variable?: Readonly<Record<string, Config>>;
}

const LONGEST_NAME = "x".repeat(Number(/(\d+)\}/.exec(NAME_RULES.lengthPattern)?.[1]));
const ACCOUNT_ID = "123456789012";
const UUID = "x".repeat(36);
/** What is not known before the apply. It counts one character, so that only certain faults are found. */
const UNKNOWN = "x";

/**
 * Puts in place of each of Terraform's references in a text what it will stand for on AWS, or something at least as
 * long: the name of the longest pipeline, the ARN of the longest kind.
 */
export class StandIns {
  constructor(
    private readonly json: StackJson,
    private readonly region: string,
  ) {}

  expand(text: string): string {
    // Terraform takes two dollars for one.
    return text.replace(/\$\$\{|\$\{([^{}]*)\}/g, (_, reference?: string) =>
      reference === undefined ? "${" : this.standInFor(reference),
    );
  }

  private standInFor(reference: string): string {
    const [type = "", address = "", attribute = ""] = reference.split(".");
    if (type === "var") {
      const preset = this.json.variable?.[address]?.default;
      return typeof preset === "string" ? preset : LONGEST_NAME;
    }
    if (reference.endsWith(".account_id")) return ACCOUNT_ID;
    const config = this.json.resource?.[type]?.[address];
    if (config === undefined) return UNKNOWN;
    const given = config[attribute];
    return typeof given === "string" ? this.expand(given) : this.computed(attribute, config);
  }

  /** An attribute that AWS makes of the resource's name. */
  private computed(attribute: string, { name, bucket, function_name }: Config): string {
    const given = name ?? bucket ?? function_name;
    const own = typeof given === "string" ? this.expand(given) : UUID;
    if (attribute === "arn") {
      return `arn:${partitionOf(this.region)}:firehose:${this.region}:${ACCOUNT_ID}:deliverystream/${own}`;
    }
    // A queue's are its URL; other resources' are shorter.
    if (attribute === "id" || attribute === "url") {
      return `https://sqs.${this.region}.amazonaws.com/${ACCOUNT_ID}/${own}`;
    }
    return attribute === "key_id" ? UUID : UNKNOWN;
  }
}
