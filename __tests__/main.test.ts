import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";

const APP = resolve("dist/app/main.js");
const root = mkdtempSync(join(tmpdir(), "event-pipeline-synth-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(folder: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", ...env },
    timeout: 60_000,
  });
}

describe("in a clone", () => {
  /** Spaces, because a user's folder may have some. */
  const [clone, otherClone] = ["a", "b"].map((name) => join(root, name, "event pipeline")) as [string, string];

  beforeAll(() => {
    for (const folder of [clone, otherClone]) {
      copyInstalledProject(folder);
      expect(run(folder, "npm", ["run", "--silent", "synth"])).toMatchObject({ status: 0 });
    }
  });

  test("synthesizes the same bytes on every machine, handler included", () => {
    const handlerFiles = ["index.mjs", "THIRD-PARTY-NOTICES"].map((name) => `dist/lambda/event-processor/${name}`);
    for (const file of ["cdktf.out/stages/dev/cdk.tf.json", ...handlerFiles]) {
      expect(readFileSync(join(clone, file), "utf8")).toBe(readFileSync(join(otherClone, file), "utf8"));
    }
  });

  test("warns about a time to live that is not longer than the queues' retention", () => {
    const synth = (days: string) =>
      run(otherClone, "node", ["dist/app/main.js"], { EVENT_PIPELINE_EVENT_TTL_DAYS: days });
    expect(synth("18")).toMatchObject({ status: 0, stderr: expect.stringContaining("Warning: eventTtlDays is 18") });
    for (const days of ["19", "0"]) expect(synth(days)).toMatchObject({ status: 0, stderr: "" });
  });

  test("gives each stage a folder and a state that the cdktf CLI keeps when it synthesizes another stage", () => {
    for (const stage of ["dev", "prod"]) {
      const synth = run(clone, "node_modules/.bin/cdktf", ["synth"], { EVENT_PIPELINE_STAGE: stage });
      expect(synth).toMatchObject({ status: 0 });
      const { stacks } = JSON.parse(readFileSync(join(clone, "cdktf.out/manifest.json"), "utf8"));
      expect(stacks["event-pipeline"].workingDirectory).toBe(`stages/${stage}`);
      const { terraform } = JSON.parse(readFileSync(join(clone, `cdktf.out/stages/${stage}/cdk.tf.json`), "utf8"));
      expect(terraform.backend.local.path).toBe(`../../../terraform.event-pipeline.${stage}.tfstate`);
    }
    expect(readdirSync(join(clone, "cdktf.out/stages")).sort()).toEqual(["dev", "prod"]);
  });
});

test.each([
  ["an invalid cdktf.json", (folder: string) => writeFileSync(join(folder, "cdktf.json"), "[]"), "cdktf.json []"],
  [
    "a missing handler bundle",
    (folder: string) => copyFileSync("cdktf.json", join(folder, "cdktf.json")),
    "npm run build",
  ],
])("reports %s without a stack trace", (_, prepare, message) => {
  const folder = mkdtempSync(join(root, "empty-"));
  prepare(folder);
  const { status, stderr } = run(folder, "node", [APP]);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("    at ");
});
