import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "@event-pipeline/testing/child";
import { requireTools } from "@event-pipeline/testing/tools";
import { fitToProviders, saveVersions } from "./at-hand";
import { NAME } from "./environment";
import { MOTO_LACKS, overriding } from "./overrides";
import { cliConfig, findProviders, type Providers } from "./providers";
import { readStack } from "./stack-file";
import { CLI_CONFIG, ROOT_VARIABLE, SYNTHESIZED } from "./test-root";

/** Matches the reason in terraform init's errors. */
const REASONS =
  /could not connect to [^:\s]+|no available releases match [^.]+\.[\d.]*\d|\S+ was not found in any of the search locations/g;
const SCRIPT_LIMIT_MS = 120_000;

/** Builds and synthesizes the stack once in a temporary folder for the available providers. teardown.ts removes the folder. */
export default async function setUp(): Promise<void> {
  requireTools(["terraform", "moto_server"]);
  // A real path, because ".." in the JSON's relative paths breaks in a linked folder.
  const root = mkdtempSync(join(realpathSync(tmpdir()), "event-pipeline-terraform-"));
  process.env[ROOT_VARIABLE] = root;
  try {
    await prepare(root);
  } catch (error) {
    // jest does not call globalTeardown when globalSetup fails.
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(root: string): Promise<void> {
  // The build for synth leaves out the command event-pipeline.
  await runScript("build");
  await runScript("synth", { CDKTF_OUTDIR: join(root, "out"), TF_VAR_name: NAME });
  const folder = join(root, SYNTHESIZED);
  const synthesized = readStack(folder);
  const providers = await findProviders(synthesized.terraform?.required_providers ?? {}, join(root, "providers"));
  writeFileSync(join(root, CLI_CONFIG), cliConfig(providers));
  saveVersions(root, providers.versions);
  const changes = await fitToProviders(folder, providers.versions);
  report(providers, changes, overriding(synthesized, MOTO_LACKS).changes);
}

/** Runs a script of package.json. */
async function runScript(script: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const env = { ...process.env, ...environment };
  const child = new Child("npm", ["run", "--silent", script], { cwd: process.cwd(), env });
  const { code, stdout, stderr } = await child.finished(SCRIPT_LIMIT_MS);
  if (code !== 0) throw new Error(`npm run ${script} ended with ${code}:\n${stdout}${stderr}`);
}

function report({ versions, insteadBecause }: Providers, forProviders: readonly string[], forMoto: readonly string[]) {
  const found = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [`Providers: ${found.join(", ")}`];
  if (insteadBecause !== undefined) {
    const reasons = insteadBecause.replace(/\s+/g, " ").match(REASONS) ?? [insteadBecause];
    lines.push(
      `  which terraform init installs, since it cannot install all that the stack asks for (${reasons.join("; ")})`,
    );
  }
  lines.push(
    ...changeList("for these providers", forProviders),
    ...changeList("for moto, where the stack is applied", forMoto),
  );
  process.stderr.write(`${lines.join("\n")}\n\n`);
}

function changeList(why: string, changes: readonly string[]): string[] {
  if (changes.length === 0) return [`Overridden ${why}: nothing`];
  return [`Overridden ${why}:`, ...changes.map((change) => `  ${change}`)];
}
