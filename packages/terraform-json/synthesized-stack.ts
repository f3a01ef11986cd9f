import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectCommand } from "./project-command";

export type Config = Readonly<Record<string, unknown>>;

/** Thrown if the synthesized JSON is missing or contains an unsupported expression. */
export class SynthesizedStackError extends Error {
  override readonly name = "SynthesizedStackError";
}

interface CdkTfJson {
  readonly provider?: Readonly<Record<string, readonly Config[]>>;
  readonly variable?: Readonly<Record<string, Config>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Config>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Config>>>>;
  readonly output?: Readonly<Record<string, Config>>;
}

/** One resource or data block of the synthesized JSON. Reading an argument resolves its references. */
export interface Block {
  /** Terraform address, such as `aws_sns_topic.events` or `data.archive_file.event_processor`. */
  readonly address: string;
  readonly type: string;
  /** Returns the value of a top-level argument; undefined if the stack does not set it. */
  get(argument: string): unknown;
  /** Returns the first nested block of this type; an empty object if there is none. */
  nested(argument: string): Config;
  arguments(): Config;
}

export interface ReadStackOptions {
  /** Values of Terraform variables, by name. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Fallback values for variables that have no value in `variables` and no default in the stack. */
  readonly unsetVariables?: Readonly<Record<string, string>>;
  /**
   * Returns the value of an attribute that Terraform knows only after an apply, such as an ARN.
   *
   * @default - the block's argument of that name
   */
  readonly attributeOf?: (block: Block, attribute: string) => string | undefined;
  /**
   * Returns the value of an expression that cannot be resolved.
   *
   * @default - throws SynthesizedStackError
   */
  readonly unknownExpression?: (expression: string) => string;
}

const REFERENCE = /^(?:data\.)?[a-z]\w*\.[A-Za-z_][\w-]*$/;

/**
 * A synthesized stack with resolved references to variables and resources. By default, it rejects other expressions.
 */
export class SynthesizedStack {
  private readonly blocksByAddress: ReadonlyMap<string, Block>;

  private constructor(
    readonly folder: string,
    private readonly json: CdkTfJson,
    private readonly options: ReadStackOptions,
  ) {
    this.blocksByAddress = new Map(
      [...this.readBlocks("", json.resource), ...this.readBlocks("data.", json.data)].map((b) => [b.address, b]),
    );
  }

  /**
   * Reads `cdk.tf.json` in the folder.
   *
   * @throws SynthesizedStackError if the file is missing or has no JSON object, or if a variable's value violates one of its validation
   * rules.
   * @example
   * const stack = SynthesizedStack.read("cdktf.out/stages/dev", { variables: { name: "alice" } });
   * stack.ofType("aws_sqs_queue").map((queue) => queue.get("name"));
   */
  static read(folder: string, options: ReadStackOptions): SynthesizedStack {
    const file = fileIn(folder);
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (cause) {
      throw unreadable(`the synthesized stack ${file}`, cause);
    }
    const stack = new SynthesizedStack(folder, parse(file, text), options);
    stack.validateVariables();
    return stack;
  }

  /**
   * Reads the stack's file again, with the same options.
   *
   * @throws SynthesizedStackError as `read`.
   */
  reread(): SynthesizedStack {
    return SynthesizedStack.read(this.folder, this.options);
  }

  /** The stack's file. */
  get file(): string {
    return fileIn(this.folder);
  }

  /** The AWS provider's region; undefined if the stack does not set it. */
  get region(): string | undefined {
    const region = this.json.provider?.aws?.[0]?.region;
    return typeof region === "string" ? region : undefined;
  }

  get hasDefaultTags(): boolean {
    return this.json.provider?.aws?.[0]?.default_tags !== undefined;
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
        return {
          address,
          type,
          get,
          nested: (argument: string) => ([get(argument)].flat()[0] ?? {}) as Config,
          arguments: () => this.resolve(config, address) as Config,
        };
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
    const { attributeOf, unknownExpression } = this.options;
    const isReference = REFERENCE.test(address) && block !== undefined;
    const value = isReference ? (attributeOf?.(block, attribute) ?? block.get(attribute)) : undefined;
    if (typeof value === "string" || typeof value === "number") return String(value);
    if (unknownExpression) return unknownExpression(expression);
    throw new SynthesizedStackError(
      isReference
        ? `${where} refers to ${expression}, whose value is known only after an apply.`
        : `${where} contains the expression \${${expression}}. Only references to variables and resources are supported.`,
    );
  }

  private variable(name: string, where: string): string {
    const value =
      this.options.variables[name] ?? this.json.variable?.[name]?.default ?? this.options.unsetVariables?.[name];
    if (typeof value !== "string")
      throw new SynthesizedStackError(`${where} refers to var.${name}, which has no value.`);
    return value;
  }

  private validateVariables(): void {
    for (const [name, { validation }] of Object.entries(this.json.variable ?? {})) {
      for (const rule of (validation ?? []) as { condition: string; error_message: string }[]) {
        const [, not, pattern] = /^\$\{(!?)can\(regex\("(.*)", var\.\w+\)\)\}$/.exec(rule.condition) ?? [];
        if (pattern === undefined) {
          throw new SynthesizedStackError(`var.${name} has an unsupported validation rule: ${rule.condition}`);
        }
        const value = this.variable(name, `var.${name}`);
        if (new RegExp(pattern).test(value) === (not === "!")) {
          throw new SynthesizedStackError(`--${name} is "${value}". ${rule.error_message}`);
        }
      }
    }
  }
}

function fileIn(folder: string): string {
  return join(folder, "cdk.tf.json");
}

/**
 * Returns the folder of the stage that was synthesized last. Reads it from cdktf's manifest.
 *
 * @throws SynthesizedStackError if no stage was synthesized.
 */
export function lastSynthesized(outdir = process.env.CDKTF_OUTDIR ?? "cdktf.out"): string {
  const file = join(outdir, "manifest.json");
  try {
    return resolve(outdir, JSON.parse(readFileSync(file, "utf8")).stacks["event-pipeline"].workingDirectory);
  } catch (cause) {
    throw unreadable(`the manifest ${file}`, cause);
  }
}

function parse(file: string, text: string): CdkTfJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable(`the synthesized stack ${file}, which is not JSON`, cause);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw unreadable(`the synthesized stack ${file}, which has no JSON object`);
}

function unreadable(what: string, cause?: unknown): SynthesizedStackError {
  return new SynthesizedStackError(`Cannot read ${what}. Create it with: ${projectCommand("synth")}`, { cause });
}
