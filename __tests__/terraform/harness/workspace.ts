import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@event-pipeline/testing/child";
import { FaultyProxy } from "@event-pipeline/testing/faulty-proxy";
import type { PlaceholderValues } from "@event-pipeline/testing/grants";
import { override, overrideProviders, savedVersions } from "./at-hand";
import { DeployerCalls } from "./deployer-calls";
import { terraformEnvironment } from "./environment";
import { Moto } from "./moto";
import { ignoringDifferences } from "./moto-differences";
import { MOTO_LACKS, overriding } from "./overrides";
import { readStack, STACK_FILE, type StackFile } from "./stack-file";
import { Terraform } from "./terraform";
import { CLI_CONFIG, SYNTHESIZED, testRoot } from "./test-root";

/** Overrides for moto; none by default. */
export interface ForMoto {
  /** Removes resources that cannot be applied to moto; setup.ts has printed each. */
  readonly leavingOut?: boolean;
  /** Lets Terraform ignore the attributes that moto cannot hold. */
  readonly ignoring?: boolean;
}

/** One scenario: a folder with the stack, and its own moto. */
export class Workspace {
  private constructor(
    readonly folder: string,
    readonly moto: Moto,
    /** Terraform's calls of moto. */
    readonly calls: DeployerCalls,
    private readonly proxy: FaultyProxy,
    /** Environment with the providers for Terraform, and with moto's address for the AWS provider. */
    readonly environment: Environment,
    readonly terraform: Terraform,
  ) {}

  /** @param changed - Replacements for parts of ARNs in the deployer's policies. */
  static async open(scenario: string, changed: PlaceholderValues = {}): Promise<Workspace> {
    const root = testRoot();
    // A sibling of the synthesized folder, so that the JSON's relative paths lead to the same files.
    const folder = join(root, SYNTHESIZED, "..", scenario);
    mkdirSync(folder);
    cpSync(join(root, SYNTHESIZED), folder, { recursive: true });
    const moto = await Moto.start(folder, terraformEnvironment(join(root, CLI_CONFIG), folder, ""));
    const calls = new DeployerCalls(changed);
    const proxy = await FaultyProxy.open((request) => {
      calls.add(terraform.deployer, request);
      return undefined;
    }, moto.endpoint);
    const env = terraformEnvironment(join(root, CLI_CONFIG), folder, proxy.endpoint);
    const terraform = new Terraform(folder, env);
    return new Workspace(folder, moto, calls, proxy, env, terraform);
  }

  get stack(): StackFile {
    return readStack(this.folder);
  }

  /** Changes the stack that Terraform runs. The workspace starts with the synthesized stack. */
  use(stack: StackFile, { leavingOut = false, ignoring = false }: ForMoto = {}): void {
    writeFileSync(join(this.folder, STACK_FILE), JSON.stringify(stack, null, 2));
    overrideProviders(this.folder, stack, savedVersions(testRoot()));
    override(this.folder, "moto", leavingOut ? overriding(stack, MOTO_LACKS).resource : {});
    override(this.folder, "ignored", ignoring ? ignoringDifferences(stack) : {});
  }

  /** Terraform for another deployment in the same folder; the policies of this one need not allow its calls. */
  terraformElsewhere(environment: Environment = {}): Terraform {
    return new Terraform(this.folder, { ...this.environment, AWS_ENDPOINT_URL: this.moto.endpoint, ...environment });
  }

  /** @throws Error if Terraform made a call that docs/permissions.md does not allow. */
  async close(): Promise<void> {
    await this.proxy.close();
    await this.moto.stop();
    if (this.calls.denied.length === 0) return;
    throw new Error(
      `The policies in docs/permissions.md do not allow what Terraform called:\n${this.calls.denied.join("\n")}`,
    );
  }
}
