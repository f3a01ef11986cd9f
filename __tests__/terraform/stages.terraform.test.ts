import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Child, type Finished } from "../helpers/child";
import { copyInstalledProject } from "../helpers/project-copy";
import { fitToProviders, savedVersions } from "./harness/at-hand";
import { addressesOf, readStack } from "./harness/stack-file";
import { testRoot, Workspace } from "./harness/workspace";

const LIMIT_MS = 5 * 60_000;

describe("the cdktf CLI in one clone, for dev, then prod, then dev again", () => {
  let workspace: Workspace;
  let clone: string;
  beforeAll(async () => {
    // For its moto alone: the CLI runs Terraform in the clone.
    workspace = await Workspace.open("stages");
    clone = join(testRoot(), "clone");
    copyInstalledProject(clone);
  });
  afterAll(() => workspace?.close());

  async function cdktf(stage: string, ...args: readonly string[]): Promise<Finished> {
    const env = {
      ...workspace.environment,
      EVENT_PIPELINE_STAGE: stage,
      // cdktf's own is in the user's home, and other checkouts fill it.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
    };
    const finished = await new Child(join("node_modules", ".bin", "cdktf"), args, { cwd: clone, env }).finished(
      LIMIT_MS,
    );
    if (finished.code === 0) return finished;
    throw new Error(
      `cdktf ${args.join(" ")} for ${stage} ended with ${finished.code}:\n${finished.stdout}${finished.stderr}`,
    );
  }

  test.each([
    ["dev", ["dev"]],
    ["prod", ["dev", "prod"]],
    ["dev", ["dev", "prod"]],
  ])("%s has a plan of its own, and the folders of %j are there", async (stage, initialized) => {
    const folder = (name: string) => join(clone, "cdktf.out", "stages", name);
    await cdktf(stage, "synth");
    const { resource } = readStack(folder(stage));
    await fitToProviders(folder(stage), savedVersions(testRoot()));
    // Terraform cannot lock providers that come from a mirror: docs/companies.md.
    const { stdout } = await cdktf(stage, "diff", "--skip-synth", "--skip-provider-lock", "--no-color");
    const [, planned] = /Plan: (\d+) to add, 0 to change, 0 to destroy/.exec(stdout) ?? [];
    expect(Number(planned)).toBe(addressesOf({ ...(resource && { resource }) }).length);
    for (const name of initialized) {
      const { backend } = JSON.parse(readFileSync(join(folder(name), ".terraform", "terraform.tfstate"), "utf8"));
      expect(backend.config.path).toContain(`terraform.event-pipeline.${name}.tfstate`);
    }
    expect(readFileSync(join(clone, "cdktf.json"))).toEqual(readFileSync("cdktf.json"));
  });
});
