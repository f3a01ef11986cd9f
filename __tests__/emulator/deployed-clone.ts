import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child, type Environment, type Finished } from "@event-pipeline/testing/child";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { commandsOf } from "../helpers/doc-commands";
import { fitToProviders } from "../terraform/harness/at-hand";
import { cliConfig, findProviders } from "../terraform/harness/providers";
import { readStack } from "../terraform/harness/stack-file";

const PAGE = "docs/emulators.md";
const PORT = 4566;
const LIMIT_MS = 5 * 60_000;
/** The folder with the stage's Terraform JSON. */
const STAGE = join("cdktf.out", "stages", "emulator");

/** A clone of the project after `npm ci`, in which the commands of docs/emulators.md run. */
export class DeployedClone {
  private constructor(
    private readonly folder: string,
    /** The environment variables that the page exports. */
    private readonly exports: readonly string[],
    /** The commands of the page that follow them. */
    readonly commands: readonly string[],
    private readonly environment: Environment,
    /** The arguments that npm run deploy, diff and destroy get in addition to those of the page. */
    private readonly added: readonly string[],
  ) {}

  /** Copies the project, lets Terraform run its stage `emulator` with the available providers, and prints each change. */
  static async create(root: string, endpoint: string): Promise<DeployedClone> {
    const folder = join(root, "clone");
    mkdirSync(folder);
    copyInstalledProject(folder);
    const texts = commandsOf(PAGE, [])
      .filter(({ heading, inBlock }) => inBlock && heading === "## ministack")
      .map(({ text }) => text.replaceAll(`:${PORT}`, `:${new URL(endpoint).port}`));
    const exports = texts.filter((text) => text.startsWith("export "));
    const commands = texts.slice(texts.indexOf(exports.at(-1) ?? "") + 1);
    const environment = {
      ...process.env,
      CHECKPOINT_DISABLE: "1",
      // cdktf's default cache is in the user's home and shared with other checkouts.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
    };
    const asOnPage = new DeployedClone(folder, exports, commands, environment, []);
    await asOnPage.run("npm run synth");
    const required = readStack(join(folder, STAGE)).terraform?.required_providers ?? {};
    const providers = await findProviders(required, join(root, "providers"));
    const changes = await fitToProviders(join(folder, STAGE), providers.versions);
    const file = join(root, "cli.tfrc");
    writeFileSync(file, cliConfig(providers));
    // An override file would not survive another synth, and a mirror's providers cannot be locked: docs/deploy.md.
    const added = changes.length > 0 ? ["--skip-synth", "--skip-provider-lock"] : ["--skip-provider-lock"];
    process.stderr.write(
      [
        `Commands of ${PAGE} at ${endpoint}, with providers ${JSON.stringify(providers.versions)}. Added or changed:`,
        `  npm run deploy, diff, destroy: -- ${added.join(" ")}; deploy, destroy: --auto-approve`,
        ...changes.map((change) => `  ${change}`),
        "",
      ].join("\n"),
    );
    return new DeployedClone(folder, exports, commands, { ...environment, TF_CLI_CONFIG_FILE: file }, added);
  }

  /** Runs a command in a shell as a reader of the page would. @throws Error unless it ends with `code`. */
  async run(command: string, { code = 0, input = "" } = {}): Promise<Finished> {
    const finished = await this.start(this.withAdded(command), input);
    if (finished.code === code) return finished;
    throw new Error(`${command} ended with ${finished.code}:\n${finished.stdout}${finished.stderr}`);
  }

  /** Runs the operator's command, and returns the objects that it prints. */
  // biome-ignore lint/suspicious/noExplicitAny: tests access their properties.
  async records(command: string, options?: { code?: number; input?: string }): Promise<any[]> {
    const { stdout } = await this.run(`npx event-pipeline ${command} --json`, options);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  /** Returns the plan that npm run diff made, as `terraform show -json` prints it. */
  async shownPlan(): Promise<string> {
    return (await this.run(`terraform -chdir=${STAGE} show -json plan`)).stdout;
  }

  /** Returns the resources in the stage's state, in the file that the page names. */
  stateResources(): unknown[] {
    return JSON.parse(readFileSync(join(this.folder, "terraform.event-pipeline.emulator.tfstate"), "utf8")).resources;
  }

  private withAdded(command: string): string {
    const [, script] = /^npm run (deploy|diff|destroy)$/.exec(command) ?? [];
    if (script === undefined) return command;
    return [command, "--", ...this.added, ...(script === "diff" ? [] : ["--auto-approve"])].join(" ");
  }

  private start(command: string, input: string): Promise<Finished> {
    const file = join(this.folder, "..", "input");
    writeFileSync(file, input);
    const script = [...this.exports, `${command} < ${file}`].join("\n");
    return new Child("bash", ["-euc", script], { cwd: this.folder, env: this.environment }).finished(LIMIT_MS);
  }
}
