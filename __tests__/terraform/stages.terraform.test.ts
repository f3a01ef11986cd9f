import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type LocalAws, startLocalAws } from "@event-pipeline/local-aws/local-aws";
import { Child, type Environment, type Finished } from "@event-pipeline/testing/child";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { fitToProviders, savedVersions } from "./harness/at-hand";
import { NAME } from "./harness/environment";
import { addressesOf, readStack } from "./harness/stack-file";
import { testRoot } from "./harness/test-root";
import { Workspace } from "./harness/workspace";

/** The stack is already synthesized for the available providers, and a mirror's providers cannot be locked: docs/deploy.md. */
const SCRIPT_OPTIONS = ["--skip-synth", "--skip-provider-lock", "--no-color"];
const LIMIT_MS = 5 * 60_000;

/** Removes what cdktf puts between any two parts of Terraform's output, and all spaces, because cdktf breaks lines. */
function terraformOutput(text: string): string {
  return stripVTControlCharacters(text).replace(
    /event-pipeline|\d+ Stacks? (?:deploying|destroying|done|waiting)|[│\s]/g,
    "",
  );
}

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

  function start(stage: string, command: string, args: readonly string[], more: Environment = {}): Promise<Finished> {
    const env = {
      ...workspace.environment,
      CHECKPOINT_DISABLE: "1",
      EVENT_PIPELINE_STAGE: stage,
      // cdktf's default cache is in the user's home and shared with other checkouts.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
      ...more,
    };
    return new Child(command, args, { cwd: clone, env }).finished(LIMIT_MS);
  }

  async function run(stage: string, command: string, ...args: readonly string[]): Promise<Finished> {
    const finished = await start(stage, command, args);
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
    const { stdout } = await run(stage, "npm", "run", "diff", "--", ...SCRIPT_OPTIONS);
    const [, planned] = /Plan: (\d+) to add, 0 to change, 0 to destroy/.exec(stdout) ?? [];
    expect(Number(planned)).toBe(addresses.length);
    for (const name of initialized) {
      const { backend } = JSON.parse(readFileSync(join(folder(name), ".terraform", "terraform.tfstate"), "utf8"));
      expect(backend.config.path).toContain(`terraform.event-pipeline.${name}.tfstate`);
    }
    expect(readFileSync(join(clone, "cdktf.json"))).toEqual(readFileSync("cdktf.json"));
  });

  describe("with the endpoint of an emulator in another account", () => {
    const guard = "terraform_data.events_deployment";
    const script = (name: string, endpoint: string, target?: string) =>
      start("dev", "npm", ["run", name, "--", ...SCRIPT_OPTIONS, ...(name === "diff" ? [] : ["--auto-approve"])], {
        AWS_ENDPOINT_URL: endpoint,
        ...(target && { TF_CLI_ARGS_apply: `-target=${target}` }),
      });
    const stateFile = () => readFileSync(join(clone, "terraform.event-pipeline.dev.tfstate"), "utf8");
    let emulator: LocalAws;
    beforeAll(async () => {
      emulator = await startLocalAws();
      expect(await script("deploy", workspace.moto.endpoint, guard)).toMatchObject({ code: 0 });
    });
    afterAll(() => emulator.stop());

    test.each(["diff", "deploy", "destroy"])("npm run %s fails with the reason, and keeps the state", async (name) => {
      const before = stateFile();
      const { code, stdout, stderr } = await script(name, emulator.endpoint);
      expect(code).not.toBe(0);
      expect(terraformOutput(stdout + stderr)).toContain(
        terraformOutput(`in account 123456789012, region us-east-1. A plan for ${NAME} in account 000000000000`),
      );
      expect(stateFile()).toBe(before);
    });

    test("npm run destroy still destroys in the state's account", async () => {
      expect(await script("destroy", workspace.moto.endpoint)).toMatchObject({ code: 0 });
      expect(JSON.parse(stateFile()).resources).toEqual([]);
    });
  });
});
