import { Child, type Environment, type Finished } from "@event-pipeline/testing/child";
import type { Deployer } from "./deployer-calls";
import type { Plan, State } from "./plan";

const LIMIT_MS = 5 * 60_000;
/** Exit codes of `-detailed-exitcode`. */
const [NOTHING_TO_DO, SOMETHING_TO_DO] = [0, 2];
const PLAN_FILE = "test.tfplan";
/** Schema of a resource or of a nested block, from `terraform providers schema -json`. */
export interface SchemaBlock {
  readonly attributes?: Readonly<Record<string, { readonly optional?: boolean; readonly computed?: boolean }>>;
  readonly block_types?: Readonly<Record<string, { readonly block: SchemaBlock }>>;
}

export const STATE_FILE = "terraform.tfstate";

/** The terraform binary in one folder. Every failing command throws an error with its output. */
export class Terraform {
  /** The role whose policies the last command needs. */
  deployer: Deployer = "plan";

  constructor(
    private readonly folder: string,
    private readonly env: Environment,
  ) {}

  /** Initializes the folder. By default the state stays in it, because the stack's path points into the project. */
  async init(backend: Readonly<Record<string, string>> = { path: STATE_FILE }): Promise<void> {
    const config = Object.entries(backend).map(([key, value]) => `-backend-config=${key}=${value}`);
    await this.run(["init", "-input=false", "-no-color", ...config]);
  }

  /** Initializes the folder without a backend, which is enough for validate(). */
  async initWithoutBackend(): Promise<void> {
    await this.run(["init", "-backend=false", "-input=false", "-no-color"]);
  }

  async validate(): Promise<void> {
    await this.run(["validate", "-no-color"]);
  }

  /** Plans, and keeps the plan for apply(). */
  async plan(): Promise<Plan> {
    const planned = await this.finish(
      ["plan", "-input=false", "-no-color", "-detailed-exitcode", `-out=${PLAN_FILE}`],
      [NOTHING_TO_DO, SOMETHING_TO_DO],
    );
    const shown = await this.run(["show", "-json", PLAN_FILE]);
    return { ...(JSON.parse(shown) as Omit<Plan, "isEmpty">), isEmpty: planned.code === NOTHING_TO_DO };
  }

  async apply(): Promise<State> {
    await this.run(["apply", "-input=false", "-no-color", PLAN_FILE]);
    return JSON.parse(await this.run(["show", "-json"])) as State;
  }

  /** The schemas of the AWS provider's resources, by type. */
  async schemas(): Promise<Readonly<Record<string, { readonly block: SchemaBlock }>>> {
    const { provider_schemas: providers } = JSON.parse(await this.run(["providers", "schema", "-json"])) as {
      provider_schemas: Readonly<Record<string, { resource_schemas: Record<string, { block: SchemaBlock }> }>>;
    };
    const aws = Object.entries(providers).find(([source]) => source.endsWith("/hashicorp/aws"));
    if (!aws)
      throw new Error(`terraform providers schema has no AWS provider, but ${Object.keys(providers).join(", ")}.`);
    return aws[1].resource_schemas;
  }

  async destroy(): Promise<void> {
    await this.run(["destroy", "-auto-approve", "-input=false", "-no-color"]);
  }

  async forget(address: string): Promise<void> {
    await this.run(["state", "rm", address]);
  }

  private async run(args: readonly string[]): Promise<string> {
    return (await this.finish(args, [0])).stdout;
  }

  private async finish(args: readonly string[], expected: readonly number[]): Promise<Finished> {
    this.deployer = ["apply", "destroy"].includes(String(args[0])) ? "deploy" : "plan";
    const finished = await new Child("terraform", args, { cwd: this.folder, env: this.env }).finished(LIMIT_MS);
    if (expected.includes(finished.code)) return finished;
    throw new Error(`terraform ${args.join(" ")} ended with ${finished.code}:\n${finished.stdout}${finished.stderr}`);
  }
}
