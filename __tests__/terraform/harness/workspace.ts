import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@event-pipeline/testing/child";
import { FaultyDoor } from "@event-pipeline/testing/faulty-door";
import type { Place } from "@event-pipeline/testing/grants";
import { override, overrideProviders, savedVersions } from "./at-hand";
import { DeployerCalls } from "./deployer-calls";
import { terraformEnvironment } from "./environment";
import { Moto } from "./moto";
import { ignoringDifferences } from "./moto-differences";
import { MOTO_LACKS, overriding } from "./overrides";
import { readStack, STACK_FILE, type StackFile } from "./stack-file";
import { Terraform } from "./terraform";

export const ROOT_VARIABLE = "TERRAFORM_TEST_ROOT";
export const CLI_CONFIG = "cli.tfrc";
/** Where setup.ts leaves the stack, fit to run with the providers at hand. */
export const SYNTHESIZED = join("out", "stages", "dev");

export function testRoot(): string {
  const root = process.env[ROOT_VARIABLE];
  if (root === undefined) throw new Error(`${ROOT_VARIABLE} is not set. Run these tests with: npm run test:terraform`);
  return root;
}

/** What is overridden for moto's sake; by default nothing. */
export interface ForMoto {
  /** Leave out what cannot be applied to moto; setup.ts has printed each of these. */
  readonly leavingOut?: boolean;
  /** Let Terraform ignore the attributes that moto cannot hold. */
  readonly ignoring?: boolean;
}

/** One scenario: a folder with the stack, and a moto of its own. */
export class Workspace {
  private constructor(
    readonly folder: string,
    readonly moto: Moto,
    /** What Terraform has asked moto for. */
    readonly calls: DeployerCalls,
    private readonly door: FaultyDoor,
    /** In which Terraform finds its providers, and the AWS provider moto. */
    readonly environment: Environment,
    readonly terraform: Terraform,
  ) {}

  /** @param changed - What the deployer's policies have in place of parts of their ARNs. */
  static async open(scenario: string, changed: Place = {}): Promise<Workspace> {
    const root = testRoot();
    // A sibling of the synthesized folder, so that the JSON's relative paths lead to the same files.
    const folder = join(root, SYNTHESIZED, "..", scenario);
    mkdirSync(folder);
    cpSync(join(root, SYNTHESIZED), folder, { recursive: true });
    const moto = await Moto.start(folder, terraformEnvironment(join(root, CLI_CONFIG), folder, ""));
    const calls = new DeployerCalls(changed);
    const door = await FaultyDoor.open((request) => {
      calls.add(terraform.deployer, request);
      return undefined;
    }, moto.endpoint);
    const env = terraformEnvironment(join(root, CLI_CONFIG), folder, door.endpoint);
    const terraform = new Terraform(folder, env);
    return new Workspace(folder, moto, calls, door, env, terraform);
  }

  get stack(): StackFile {
    return readStack(this.folder);
  }

  /** What Terraform runs from now on; the workspace opens with the synthesized stack, as if `use` had been called. */
  use(stack: StackFile, { leavingOut = false, ignoring = false }: ForMoto = {}): void {
    writeFileSync(join(this.folder, STACK_FILE), JSON.stringify(stack, null, 2));
    overrideProviders(this.folder, stack, savedVersions(testRoot()));
    override(this.folder, "moto", leavingOut ? overriding(stack, MOTO_LACKS).resource : {});
    override(this.folder, "ignored", ignoring ? ignoringDifferences(stack) : {});
  }

  /** Terraform in the same folder for another deployment, whose calls the policies of this one need not allow. */
  terraformElsewhere(environment: Environment = {}): Terraform {
    return new Terraform(this.folder, { ...this.environment, AWS_ENDPOINT_URL: this.moto.endpoint, ...environment });
  }

  /** @throws Error when Terraform called what docs/permissions.md does not allow. */
  async close(): Promise<void> {
    await this.door.close();
    await this.moto.stop();
    if (this.calls.denied.length === 0) return;
    throw new Error(
      `The policies in stacks/deployer-policies.ts do not allow what Terraform called:\n${this.calls.denied.join("\n")}`,
    );
  }
}
