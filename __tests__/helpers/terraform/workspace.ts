import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { terraformEnvironment } from "./environment";
import { Moto } from "./moto";
import { MOTO_LACKS, replaceIn } from "./replacements";
import { readStack, STACK_FILE, type StackFile } from "./stack-file";
import { Terraform } from "./terraform";

export const ROOT_VARIABLE = "TERRAFORM_TEST_ROOT";
export const CLI_CONFIG = "cli.tfrc";
/** Where setup.ts leaves the stack, adapted to the providers at hand. */
export const SYNTHESIZED = join("out", "stages", "dev");

export function testRoot(): string {
  const root = process.env[ROOT_VARIABLE];
  if (root === undefined) throw new Error(`${ROOT_VARIABLE} is not set. Run these tests with: npm run test:terraform`);
  return root;
}

/** One scenario: a folder with the stack, and a moto of its own. */
export class Workspace {
  private constructor(
    readonly folder: string,
    readonly moto: Moto,
    readonly terraform: Terraform,
  ) {}

  static async open(scenario: string): Promise<Workspace> {
    const root = testRoot();
    // A sibling of the synthesized folder, so that the JSON's relative paths lead to the same files.
    const folder = join(root, SYNTHESIZED, "..", scenario);
    mkdirSync(folder);
    cpSync(join(root, SYNTHESIZED), folder, { recursive: true });
    const moto = await Moto.start(folder, terraformEnvironment(join(root, CLI_CONFIG), folder, ""));
    const env = terraformEnvironment(join(root, CLI_CONFIG), folder, moto.endpoint);
    return new Workspace(folder, moto, new Terraform(folder, env));
  }

  get stack(): StackFile {
    return readStack(this.folder);
  }

  use(stack: StackFile): void {
    writeFileSync(join(this.folder, STACK_FILE), JSON.stringify(stack, null, 2));
  }

  /** Leaves out what cannot be applied to moto; setup.ts has printed each of these. */
  useWhatMotoHas(): void {
    this.use(replaceIn(this.stack, MOTO_LACKS).stack);
  }

  close(): Promise<void> {
    return this.moto.stop();
  }
}
