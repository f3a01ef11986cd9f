import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";
import { at } from "@event-pipeline/testing/synthesized";

const APP = resolve("dist/app/main.js");
const root = mkdtempSync(join(tmpdir(), "event-pipeline-synth-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(folder: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, CHECKPOINT_DISABLE: "1", ...env },
    timeout: 180_000,
  });
}

describe("in a clone", () => {
  /** The path contains a space, as a user's may. */
  const clone = join(root, "a", "event pipeline");

  beforeAll(() => {
    copyInstalledProject(clone);
    expect(run(clone, "npm", ["run", "--silent", "synth"])).toMatchObject({ status: 0, stderr: "" });
  });

  test("synthesizes the same JSON and handler on every machine, byte for byte", () => {
    // This checkout is the second machine: its bundles were built in another folder.
    const other = join(root, "other");
    mkdirSync(other);
    for (const name of ["cdktf.json", "dist", "events"]) cpSync(name, join(other, name), { recursive: true });
    expect(run(other, "node", [APP])).toMatchObject({ status: 0 });
    const files = [clone, other].map((folder) => {
      const stage = join(folder, "cdktf.out", "stages", "dev");
      const json = readFileSync(join(stage, "cdk.tf.json"), "utf8");
      const bundle = join(stage, String(at(JSON.parse(json), "data.archive_file.event_processor").source_dir));
      expect(readdirSync(bundle).sort()).toEqual(["THIRD-PARTY-NOTICES", "contracts.mjs", "index.mjs"]);
      return [json, ...readdirSync(bundle).map((name) => readFileSync(join(bundle, name), "utf8"))];
    });
    expect(files[0]).toEqual(files[1]);
  });

  test("has no contracts without the folder events", () => {
    const other = join(root, "without contracts");
    mkdirSync(other);
    for (const name of ["cdktf.json", "dist"]) cpSync(name, join(other, name), { recursive: true });
    const synthesized = () => {
      expect(run(other, "node", [APP])).toMatchObject({ status: 0 });
      return readFileSync(join(other, "cdktf.out", "stages", "dev", "cdk.tf.json"), "utf8");
    };
    const without = synthesized();
    expect(without).not.toMatch(/contracts/i);
    mkdirSync(join(other, "events"));
    writeFileSync(join(other, "events", "README.md"), "");
    expect(synthesized()).toBe(without);
  });

  test("npm run synth says where the JSON is, and with --silent, as cdktf runs it, prints nothing", () => {
    const env = { npm_config_loglevel: "notice" };
    const file = join("cdktf.out", "stages", "dev", "cdk.tf.json");
    expect(run(clone, "npm", ["run", "synth"], env).stdout.trimEnd().split("\n").at(-1)).toBe(`Synthesized ${file}`);
    expect(run(clone, "npm", ["run", "--silent", "synth"], env)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  test("prints warnings", () => {
    const env = { EVENT_PIPELINE_EVENT_TTL_DAYS: "18", CDKTF_OUTDIR: join(root, "with warnings") };
    expect(run(clone, "node", ["dist/app/main.js"], env)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("Warning: eventTtlDays is 18"),
    });
  });

  test("adds only a stage's folder and state with plain cdktf synth", () => {
    const offline = join(root, "offline.cjs");
    // Blocks the CLI's usage report, but not npm's own requests, without which npm hangs.
    writeFileSync(
      offline,
      `if (/cdktf/.test(process.argv[1])) require("node:https").request = () => { throw new Error("no network"); };`,
    );
    const before = sourcesOf(clone);
    const synth = run(clone, "npx", ["cdktf", "synth"], {
      EVENT_PIPELINE_STAGE: "prod",
      CHECKPOINT_DISABLE: undefined,
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
      CDKTF_HOME: join(root, "home"),
      NODE_OPTIONS: `--max-old-space-size=4096 --require=${JSON.stringify(offline)}`,
    });
    expect(synth).toMatchObject({ status: 0, stdout: expect.stringContaining("no network") });
    expect(sourcesOf(clone)).toEqual(before);
    const { stacks } = JSON.parse(readFileSync(join(clone, "cdktf.out/manifest.json"), "utf8"));
    expect(stacks["event-pipeline"].workingDirectory).toBe("stages/prod");
    // From the folder `stacks`, the CLI deletes everything that this synth did not create.
    expect(readdirSync(join(clone, "cdktf.out/stages")).sort()).toEqual(["dev", "prod"]);
    for (const stage of ["dev", "prod"]) {
      const { terraform } = JSON.parse(readFileSync(join(clone, `cdktf.out/stages/${stage}/cdk.tf.json`), "utf8"));
      expect(terraform.backend.local.path).toBe(`../../../terraform.event-pipeline.${stage}.tfstate`);
    }
  });
});

/** Returns the content of each file that Git does not ignore. */
function sourcesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const own = paths.filter((path) => !/^(dist|cdktf\.out)\//.test(relative(folder, path)));
  return Object.fromEntries(own.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

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
