import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalRunError } from "@event-pipeline/local-aws/errors";
import { computedAttributes } from "../resource-types/registry";
import type { Surroundings } from "../resource-types/resource-type";

type Config = Readonly<Record<string, unknown>>;

interface CdkTfJson {
  readonly provider?: Readonly<Record<string, readonly Config[]>>;
  readonly variable?: Readonly<Record<string, Config>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Config>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Config>>>>;
  readonly output?: Readonly<Record<string, Config>>;
}

/** One resource or data block of the synthesized JSON, with its references resolved on reading. */
export interface Block {
  /** Such as `aws_sns_topic.events` or `data.archive_file.event_processor`. */
  readonly address: string;
  readonly type: string;
  /** The value of a top-level argument, or undefined when the stack does not set it. */
  get(argument: string): unknown;
  /** A nested block; the first when there are several, empty when there is none. */
  nested(argument: string): Config;
}

/** Variables for which Terraform would ask. */
const UNSET_VARIABLES: Readonly<Record<string, string>> = { name: "local" };

const REFERENCE = /^(?:data\.)?[a-z]\w*\.[A-Za-z_][\w-]*$/;

/**
 * A synthesized stack, read for what it says: Terraform's references are
 * resolved, any other expression is an error that names it.
 */
export class StackJson {
  private readonly blocksByAddress: ReadonlyMap<string, Block>;

  private constructor(
    readonly folder: string,
    private readonly json: CdkTfJson,
    private readonly variables: Readonly<Record<string, string | undefined>>,
    /** Set once the endpoint is known; computed attributes such as queue URLs need it. */
    private surroundings?: Surroundings,
  ) {
    this.blocksByAddress = new Map(
      [...this.readBlocks("", json.resource), ...this.readBlocks("data.", json.data)].map((b) => [b.address, b]),
    );
  }

  /** @throws LocalRunError when there is no JSON, or a variable breaks the stack's own rules. */
  static read(folder: string, variables: Readonly<Record<string, string | undefined>>): StackJson {
    const file = join(folder, "cdk.tf.json");
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (cause) {
      throw new LocalRunError(`Cannot read the synthesized stack ${file}. Make it with: npm run synth`, { cause });
    }
    const stack = new StackJson(folder, JSON.parse(text), variables);
    stack.validateVariables();
    return stack;
  }

  get region(): string {
    const region = this.json.provider?.aws?.[0]?.region;
    return typeof region === "string" ? region : "us-east-1";
  }

  get hasDefaultTags(): boolean {
    return this.json.provider?.aws?.[0]?.default_tags !== undefined;
  }

  /** Makes attributes that only a running endpoint has, known to references. */
  placeIn(surroundings: Surroundings): void {
    this.surroundings = surroundings;
  }

  get blocks(): Block[] {
    return [...this.blocksByAddress.values()];
  }

  ofType(type: string): Block[] {
    return this.blocks.filter((block) => block.type === type);
  }

  outputs(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.json.output ?? {}).map(([id, { value }]) => [id, this.resolve(value, `output.${id}`)]),
    );
  }

  private readBlocks(prefix: string, types: CdkTfJson["resource"] = {}): Block[] {
    return Object.entries(types).flatMap(([type, named]) =>
      Object.entries(named).map(([name, config]) => {
        const address = `${prefix}${type}.${name}`;
        const get = (argument: string) => this.resolve(config[argument], address);
        return { address, type, get, nested: (argument: string) => ([get(argument)].flat()[0] ?? {}) as Config };
      }),
    );
  }

  private resolve(value: unknown, where: string): unknown {
    if (typeof value === "string") return this.resolveText(value, where);
    if (Array.isArray(value)) return value.map((element) => this.resolve(element, where));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.resolve(inner, where)]));
  }

  private resolveText(text: string, where: string): string {
    return text.replace(/\$\$\{|%%\{|\$\{([^{}]*)\}/g, (match, expression?: string) =>
      expression === undefined ? match.slice(1) : this.evaluate(expression.trim(), where),
    );
  }

  private evaluate(expression: string, where: string): string {
    const dot = expression.lastIndexOf(".");
    const [address, attribute] = [expression.slice(0, dot), expression.slice(dot + 1)];
    if (address === "var") return this.variable(attribute, where);
    const block = this.blocksByAddress.get(address);
    if (!REFERENCE.test(address) || !block) {
      throw new LocalRunError(`${where} says \${${expression}}, which the local run cannot evaluate.`);
    }
    const value = this.surroundings && computedAttributes(block, this.surroundings)[attribute];
    const known = value ?? block.get(attribute);
    if (typeof known !== "string" && typeof known !== "number") {
      throw new LocalRunError(`${where} refers to ${expression}, which the local run does not know.`);
    }
    return String(known);
  }

  private variable(name: string, where: string): string {
    const value = this.variables[name] ?? this.json.variable?.[name]?.default ?? UNSET_VARIABLES[name];
    if (typeof value !== "string") throw new LocalRunError(`${where} refers to var.${name}, which has no value.`);
    return value;
  }

  private validateVariables(): void {
    for (const [name, { validation }] of Object.entries(this.json.variable ?? {})) {
      for (const rule of (validation ?? []) as { condition: string; error_message: string }[]) {
        const [, not, pattern] = /^\$\{(!?)can\(regex\("(.*)", var\.\w+\)\)\}$/.exec(rule.condition) ?? [];
        if (pattern === undefined) {
          throw new LocalRunError(`var.${name} has a rule that the local run cannot evaluate: ${rule.condition}`);
        }
        const value = this.variable(name, `var.${name}`);
        if (new RegExp(pattern).test(value) === (not === "!")) {
          throw new LocalRunError(`--${name} is "${value}". ${rule.error_message}`);
        }
      }
    }
  }
}
