import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";

const root = mkdtempSync(join(tmpdir(), "event-pipeline-synth-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function cloneProject(): string {
  const folder = join(mkdtempSync(join(root, "clone-")), "event pipeline");
  copyInstalledProject(folder);
  return folder;
}

function run(folder: string, command: string, ...args: string[]) {
  return spawnSync(command, args, { cwd: folder, encoding: "utf8", timeout: 60_000 });
}

test("two clones synthesize the same bytes, handler included", () => {
  const [first, second] = [0, 1].map(() => {
    const folder = cloneProject();
    expect(run(folder, "npm", "run", "--silent", "synth")).toMatchObject({ status: 0 });
    const zipped = ["index.mjs", "THIRD-PARTY-NOTICES"].map((name) => `dist/lambda/event-processor/${name}`);
    return ["cdktf.out/stages/dev/cdk.tf.json", ...zipped].map((file) => readFileSync(join(folder, file), "utf8"));
  });
  expect(first).toEqual(second);
});

test("synth warns of a time to live that is not longer than the queues keep messages", () => {
  const folder = cloneProject();
  const synth = (EVENT_PIPELINE_EVENT_TTL_DAYS: string) =>
    spawnSync("npm", ["run", "--silent", "synth"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, EVENT_PIPELINE_EVENT_TTL_DAYS },
      timeout: 60_000,
    });
  expect(synth("18")).toMatchObject({ status: 0, stderr: expect.stringContaining("Warning: eventTtlDays is 18") });
  for (const days of ["19", "0"]) expect(synth(days)).toMatchObject({ status: 0, stderr: "" });
});

test("without the handler's bundle, synth says how to build it", () => {
  const folder = cloneProject();
  run(folder, "node", "tools/build.mjs", "app");
  rmSync(join(folder, "dist/lambda"), { recursive: true });
  const { status, stderr } = run(folder, "node", "dist/app/main.js");
  expect(status).toBe(2);
  expect(stderr).toContain("npm run build");
});

test("each stage has a folder and a state of its own, which the cdktf CLI leaves alone for the other's sake", () => {
  const folder = cloneProject();
  const backends = ["dev", "prod", "dev"].map((stage) => {
    const env = { ...process.env, EVENT_PIPELINE_STAGE: stage, CHECKPOINT_DISABLE: "1" };
    const synth = spawnSync("node_modules/.bin/cdktf", ["synth"], {
      cwd: folder,
      encoding: "utf8",
      env,
      timeout: 60_000,
    });
    expect(synth).toMatchObject({ status: 0 });
    const { stacks } = JSON.parse(readFileSync(join(folder, "cdktf.out/manifest.json"), "utf8"));
    expect(stacks["event-pipeline"].workingDirectory).toBe(`stages/${stage}`);
    const json = readFileSync(join(folder, `cdktf.out/stages/${stage}/cdk.tf.json`), "utf8");
    return JSON.parse(json).terraform.backend.local.path;
  });
  const pathOf = (stage: string) => `../../../terraform.event-pipeline.${stage}.tfstate`;
  expect(backends).toEqual(["dev", "prod", "dev"].map(pathOf));
  expect(readdirSync(join(folder, "cdktf.out/stages")).sort()).toEqual(["dev", "prod"]);
});

describe("a cdktf.json that cannot be used", () => {
  const folder = cloneProject();
  beforeAll(() => void run(folder, "node", "tools/build.mjs", "app"));

  test.each([
    ["is missing", undefined, "Cannot read cdktf.json (ENOENT"],
    ["is no JSON", '{ "context": {}, }', "cdktf.json is not JSON: "],
    ["is no object", "[]", "cdktf.json is []. It must be an object."],
    ["has a context that is none", '{ "context": "dev" }', 'cdktf.json\'s context is "dev". It must be an object.'],
    ["has stages that are none", '{ "context": { "stages": ["dev"] } }', "cdktf.json's context.stages is"],
    ["has a stage that is none", '{ "context": { "stages": { "dev": true } } }', "context.stages.dev is true"],
    [
      "has a key twice",
      '{ "context": { "stages": { "dev": {} },\n"stages": {} } }',
      'has the key "stages" (again in line 2) twice',
    ],
    [
      "has an option twice, of which one is escaped",
      '{ "context": { "stages": { "dev": { "retainData": true,\n\t"\\u0072etainData": false } } } }',
      'retainData" (again in line 2) twice',
    ],
    ["names its stage otherwise", '{ "context": { "stage": 1 } }', "context.stage is 1. It must be a stage's name."],
  ])("%s: synth stops with a sentence", (_, text, message) => {
    if (text === undefined) rmSync(join(folder, "cdktf.json"));
    else writeFileSync(join(folder, "cdktf.json"), text);
    const { status, stderr } = run(folder, "node", "dist/app/main.js");
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });
});
