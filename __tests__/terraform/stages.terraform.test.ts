import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Child, type Finished } from "@event-pipeline/testing/child";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { fitToProviders, savedVersions } from "./harness/at-hand";
import { addressesOf, readStack } from "./harness/stack-file";
import { testRoot } from "./harness/test-root";
import { Workspace } from "./harness/workspace";

/** The stack is already synthesized for the available providers, and a mirror's providers cannot be locked: docs/deploy.md. */
const DIFF_OPTIONS = ["--skip-synth", "--skip-provider-lock", "--no-color"];
const LIMIT_MS = 5 * 60_000;

describe("the cdktf CLI in one clone, for dev, then prod, then dev again", () => {
  let workspace: Workspace;
  let clone: string;
  beforeAll(async () => {
    // Used only for its moto: the CLI runs Terraform in the clone.
    workspace = await Workspace.open("stages");
    clone = join(testRoot(), "clone");
    copyInstalledProject(clone);
  });
  afterAll(() => workspace?.close());

  async function run(stage: string, command: string, ...args: readonly string[]): Promise<Finished> {
    const env = {
      ...workspace.environment,
      CHECKPOINT_DISABLE: "1",
      EVENT_PIPELINE_STAGE: stage,
      // cdktf's default cache is in the user's home and shared with other checkouts.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
    };
    const finished = await new Child(command, args, { cwd: clone, env }).finished(LIMIT_MS);
    if (finished.code === 0) return finished;
    throw new Error(
      `${[command, ...args].join(" ")} for ${stage} ended with ${finished.code}:\n${finished.stdout}${finished.stderr}`,
    );
  }

  test.each([
    ["dev", ["dev"]],
    ["prod", ["dev", "prod"]],
    ["dev", ["dev", "prod"]],
  ])("%s has its own plan, and the folders of %j exist", async (stage, initialized) => {
    const folder = (name: string) => join(clone, "cdktf.out", "stages", name);
    await run(stage, "npx", "cdktf", "synth");
    const addresses = addressesOf(readStack(folder(stage)));
    await fitToProviders(folder(stage), savedVersions(testRoot()));
    const { stdout } = await run(stage, "npm", "run", "diff", "--", ...DIFF_OPTIONS);
    const [, planned] = /Plan: (\d+) to add, 0 to change, 0 to destroy/.exec(stdout) ?? [];
    expect(Number(planned)).toBe(addresses.length);
    for (const name of initialized) {
      const { backend } = JSON.parse(readFileSync(join(folder(name), ".terraform", "terraform.tfstate"), "utf8"));
      expect(backend.config.path).toContain(`terraform.event-pipeline.${name}.tfstate`);
    }
    expect(readFileSync(join(clone, "cdktf.json"))).toEqual(readFileSync("cdktf.json"));
  });
});
