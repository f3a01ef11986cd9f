import { readFileSync, writeFileSync } from "node:fs";
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

/** @throws Error with the output of a command that failed. */
function succeeded(finished: Finished): Finished {
  if (finished.code === 0) return finished;
  throw new Error(`The command ended with ${finished.code}:\n${finished.stdout}${finished.stderr}`);
}

describe("the cdktf CLI in one clone, for dev, then prod, then dev again", () => {
  let workspace: Workspace;
  let clone: string;
  let configText: string;
  beforeAll(async () => {
    // Used only for its moto: the CLI runs Terraform in the clone.
    workspace = await Workspace.open("stages");
    clone = join(testRoot(), "clone");
    copyInstalledProject(clone);
    // The scripts use moto's endpoint only for such stages.
    const config = JSON.parse(readFileSync("cdktf.json", "utf8"));
    for (const stage of ["dev", "prod"]) config.context.stages[stage].emulator = true;
    configText = JSON.stringify(config);
    writeFileSync(join(clone, "cdktf.json"), configText);
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

  const run = async (stage: string, command: string, ...args: readonly string[]): Promise<Finished> =>
    succeeded(await start(stage, command, args));

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
    expect(readFileSync(join(clone, "cdktf.json"), "utf8")).toBe(configText);
  });

  describe("with the endpoint of an emulator in another account", () => {
    const script = (text: string, endpoint: string, more: Environment = {}) => {
      const [name = "", ...args] = text.split(" ");
      const approved = name === "diff" ? [] : ["--auto-approve"];
      return start("dev", "npm", ["run", name, "--", ...SCRIPT_OPTIONS, ...approved, ...args], {
        AWS_ENDPOINT_URL: endpoint,
        ...more,
      });
    };
    const stateFile = () => join(clone, "terraform.event-pipeline.dev.tfstate");
    let emulator: LocalAws;
    beforeAll(async () => {
      emulator = await startLocalAws();
      const TF_CLI_ARGS_apply =
        "-target=terraform_data.events_deployment -target=aws_cloudwatch_log_group.event_processor";
      succeeded(await script("deploy", workspace.moto.endpoint, { TF_CLI_ARGS_apply }));
    });
    afterAll(() => emulator.stop());

    // Each row has both values; otherwise, jest would pass a callback as the second one.
    test.each<[string, Environment]>([
      ["diff", {}],
      ["deploy", {}],
      ["deploy --refresh-only", {}],
      ["deploy", { CDKTF_REFRESH_ONLY: "true" }],
      ["deploy", { TF_CLI_ARGS: "-destroy", TF_CLI_ARGS_plan: '"-destroy"' }],
      ["destroy", {}],
      ["destroy", { TF_CLI_ARGS_plan: "-replace=terraform_data.events_deployment" }],
      ["destroy", { TF_CLI_ARGS_plan: "-help" }],
    ])("npm run %s fails with the reason, and keeps the state: %j", async (text, environment) => {
      const before = readFileSync(stateFile(), "utf8");
      const { code, stdout, stderr } = await script(text, emulator.endpoint, environment);
      expect(code).not.toBe(0);
      expect(terraformOutput(stdout + stderr)).toContain(
        terraformOutput(`in account 123456789012, region us-east-1. A plan for ${NAME} in account 000000000000`),
      );
      expect(readFileSync(stateFile(), "utf8")).toBe(before);
    });

    test.each(["deploy", "destroy"])("npm run %s refuses a state that records no account", async (name) => {
      const before = readFileSync(stateFile(), "utf8");
      const { resources, serial, ...state } = JSON.parse(before);
      const without = resources.filter(({ type }: { type: string }) => type !== "terraform_data");
      const unrecorded = JSON.stringify({ ...state, serial: serial + 1, resources: without });
      writeFileSync(stateFile(), unrecorded);
      const { code, stderr } = await script(name, emulator.endpoint);
      expect(code).not.toBe(0);
      expect(stderr).toContain(
        `The state contains aws_cloudwatch_log_group.event_processor, arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/${NAME}-event-processor, but the credentials are for account 000000000000, region us-east-1.`,
      );
      expect(readFileSync(stateFile(), "utf8")).toBe(unrecorded);
      writeFileSync(stateFile(), before);
    });

    test("npm run destroy still destroys in the state's account", async () => {
      succeeded(await script("destroy", workspace.moto.endpoint));
      expect(JSON.parse(readFileSync(stateFile(), "utf8")).resources).toEqual([]);
    });
  });
});
