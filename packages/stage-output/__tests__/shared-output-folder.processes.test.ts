import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child, type Environment } from "@event-pipeline/testing/child";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";

const root = mkdtempSync(join(tmpdir(), "shared-output-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function cloneProject(): string {
  const folder = join(mkdtempSync(join(root, "clone-")), "event pipeline");
  copyInstalledProject(folder);
  spawnSync(process.execPath, ["tools/build.mjs", "app"], { cwd: folder });
  return folder;
}

/** A fake `cdktf` that runs the app, and then keeps running, as if it were reading the stage's manifest. */
const STAND_IN = `
  const { spawnSync } = require("node:child_process");
  const env = { ...process.env, CDKTF_CONTEXT_JSON: JSON.stringify({ cdktfRelativeModules: [] }) };
  const { status } = spawnSync("sh", ["-c", "node dist/app/main.js || exit 2"], { env, stdio: "inherit" });
  console.log("ended with", status);
  setInterval(() => {}, 60_000);
`;

test("while cdktf runs for a stage, synthesizes other stages only into their own folders, as the npm scripts do", async () => {
  const folder = cloneProject();
  mkdirSync(join(folder, "stand-in"));
  writeFileSync(join(folder, "stand-in", "cdktf"), STAND_IN);
  const synth = (stage: string, env: Environment = {}) =>
    spawnSync("node", ["dist/app/main.js"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, EVENT_PIPELINE_STAGE: stage, ...env } as NodeJS.ProcessEnv,
    });
  const readStage = () => {
    const { stacks } = JSON.parse(readFileSync(join(folder, "cdktf.out/manifest.json"), "utf8"));
    return stacks["event-pipeline"].workingDirectory;
  };
  const env = { ...process.env, EVENT_PIPELINE_STAGE: "dev" };
  const cdktf = new Child("node", [join(folder, "stand-in", "cdktf")], { cwd: folder, env });
  await cdktf.says(/ended with 0/, 60_000);
  const refusal = expect.stringMatching(
    /^A command for the stage dev \(process \d+\) uses cdktf.out, so the stage prod cannot .* npm run diff, .*\n$/,
  );
  expect(synth("prod")).toMatchObject({ status: 2, stderr: refusal });
  expect(synth("dev")).toMatchObject({ status: 0, stderr: "" });
  expect(synth("prod", { CDKTF_OUTDIR: "cdktf.out/stages/prod" })).toMatchObject({ status: 0, stderr: "" });
  expect(synth("dev", { CDKTF_OUTDIR: "cdktf.out/stages/prod" })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^cdktf\.out\/stages\/prod belongs to another stage than dev\. .*\n$/),
  });
  expect(readStage()).toBe("stages/dev");
  const own = JSON.parse(readFileSync(join(folder, "cdktf.out/stages/prod/manifest.json"), "utf8"));
  expect(own.stacks["event-pipeline"]).toMatchObject({ workingDirectory: ".", synthesizedStackPath: "cdk.tf.json" });

  await cdktf.stop();
  expect(synth("prod")).toMatchObject({ status: 0, stderr: "" });
  expect(readStage()).toBe("stages/prod");
  expect(readdirSync(join(folder, "cdktf.out")).sort()).toEqual(["locks", "manifest.json", "stages"]);
  expect(readdirSync(join(folder, "cdktf.out/locks"))).toEqual([]);
}, 120_000);

test("rejects other stages until the lock is deleted if the cdktf command cannot be identified", () => {
  const folder = cloneProject();
  const synth = (stage: string) =>
    spawnSync("node", ["dist/app/main.js"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, EVENT_PIPELINE_STAGE: stage, CDKTF_CONTEXT_JSON: '{"cdktfRelativeModules":[]}' },
    });
  expect(synth("dev")).toMatchObject({ status: 0, stderr: "" });
  expect(synth("dev")).toMatchObject({ status: 0, stderr: "" });
  const { status, stderr } = synth("prod");
  expect(status).toBe(2);
  const [, lock = ""] = /npm run diff, .* If no such command is running, delete (.*)\.\n$/.exec(stderr) ?? [];
  rmSync(join(folder, lock));
  expect(synth("prod")).toMatchObject({ status: 0, stderr: "" });
});
