import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireTools } from "../tools";
import { adaptTo } from "./adapt";
import { Child } from "./child";
import { cleanEnvironment, NAME } from "./environment";
import { cliConfig, findProviders, type Providers } from "./providers";
import { MOTO_LACKS, replaceIn } from "./replacements";
import { readStack, STACK_FILE } from "./stack-file";
import { CLI_CONFIG, ROOT_VARIABLE, SYNTHESIZED } from "./workspace";
import { makeZips } from "./zip";

const SYNTH_LIMIT_MS = 120_000;

/** Builds, synthesizes and adapts the stack once, in a temporary folder that teardown.ts removes. */
export default async function setUp(): Promise<void> {
  requireTools(["terraform", "moto_server"]);
  // Real, because ".." in the JSON's relative paths leads elsewhere from a linked folder.
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
  await synthesize(join(root, "out"));
  const folder = join(root, SYNTHESIZED);
  const synthesized = readStack(folder);
  const providers = await findProviders(folder, process.env);
  writeFileSync(join(root, CLI_CONFIG), cliConfig(providers));
  const zips = providers.versions.archive === undefined ? await makeZips(folder, synthesized) : {};
  const { stack, changes } = adaptTo({ versions: providers.versions, zips }, synthesized);
  writeFileSync(join(folder, STACK_FILE), JSON.stringify(stack, null, 2));
  report(providers, changes, replaceIn(stack, MOTO_LACKS).changes);
}

async function synthesize(outdir: string): Promise<void> {
  const env = { ...cleanEnvironment(), CDKTF_OUTDIR: outdir, TF_VAR_name: NAME };
  const synth = new Child("npm", ["run", "--silent", "synth"], { cwd: process.cwd(), env });
  const { code, stdout, stderr } = await synth.finished(SYNTH_LIMIT_MS);
  if (code !== 0) throw new Error(`npm run synth ended with ${code}:\n${stdout}${stderr}`);
}

function report({ versions, insteadBecause }: Providers, forProviders: readonly string[], forMoto: readonly string[]) {
  const found = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [`Providers: ${found.join(", ")}`];
  if (insteadBecause !== undefined) {
    const reason = /could not connect to [^:\s]+/.exec(insteadBecause.replace(/\s+/g, " "))?.[0] ?? insteadBecause;
    lines.push(`  found on this machine, since terraform init could not install those of the stack (${reason})`);
  }
  lines.push(...changeList("for these providers", forProviders), ...changeList("for moto, when applied", forMoto));
  process.stderr.write(`${lines.join("\n")}\n\n`);
}

function changeList(why: string, changes: readonly string[]): string[] {
  if (changes.length === 0) return [`Changed in the synthesized JSON ${why}: nothing`];
  return [`Changed in the synthesized JSON ${why}:`, ...changes.map((change) => `  ${change}`)];
}
