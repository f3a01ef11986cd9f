// Runs the commands of docs/cdktf.md in a copy of the project, and compares the synthesized JSON before and after.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "@event-pipeline/testing/child";
import { copyInstalledProject, copyProject } from "@event-pipeline/testing/project-copy";
import { requireTools } from "@event-pipeline/testing/tools";
import { build } from "esbuild";
import { commandsOf } from "../helpers/doc-commands";
import { type Difference, differences } from "./differences";

const DOCUMENT = "docs/cdktf.md";
const DOCUMENTED = documentedDifferences();
const LIMIT_MS = 9 * 60_000;
const SYNTH = ["npm", "run", "--silent", "synth"] as const;
/** A folder next to the switched copy's node_modules, so that the fork's packages are found. */
const ALIASED_APP = "dist/aliased/main.js";
type Options = Readonly<Record<string, string>>;
/** The fork's names for the packages that the sources import. */
const ALIASES = {
  cdktf: "cdktn",
  "@cdktf/provider-archive": "@cdktn/provider-archive",
  "@cdktf/provider-aws": "@cdktn/provider-aws",
} as const;

/** Stages that together have every resource and most attributes of the options. */
const STAGES: Readonly<Record<string, Options>> = {
  dev: {},
  prod: { EVENT_PIPELINE_STAGE: "prod" },
  "prod with a key, tracing, an address, a filter policy and a bucket for its state": {
    EVENT_PIPELINE_STAGE: "prod",
    EVENT_PIPELINE_NAME: "alice",
    EVENT_PIPELINE_STATE_BUCKET: "alice-state",
    EVENT_PIPELINE_KMS_KEY: "create",
    EVENT_PIPELINE_ENCRYPT_LOGS: "true",
    EVENT_PIPELINE_TRACING: "true",
    EVENT_PIPELINE_ALARM_EMAIL: "alice@example.com",
    EVENT_PIPELINE_FILTER_POLICY: '{"severity":["high"]}',
    EVENT_PIPELINE_PUBLISHER_ACCOUNTS: "123456789012",
    EVENT_PIPELINE_ARCHIVE_EXPIRY_DAYS: "400",
    EVENT_PIPELINE_RESERVED_CONCURRENCY: "20",
  },
};

let root: string;
/** An unchanged copy, and one that the document's commands have switched. */
let original: string;
let switched: string;

beforeAll(async () => {
  requireTools(["git", "perl"], { by: "test:fork" });
  root = mkdtempSync(join(realpathSync(tmpdir()), "event-pipeline-fork-"));
  [original, switched] = [join(root, "original"), join(root, "switched")];
  copyInstalledProject(original);
  copyProject(switched);
  await run("git", ["init", "--quiet"], switched);
  await run("git", ["add", "--all"], switched);
  const commands = commandsOf(DOCUMENT, []).map(({ text }) => text);
  await run("bash", ["-euc", commands.join("\n")], switched);
  await build({
    entryPoints: [join(original, "main.ts")],
    outfile: join(switched, ALIASED_APP),
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["cdktn", "@cdktn/*", "constructs"],
    alias: ALIASES,
  });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(Object.entries(STAGES))("%s", (_, options) => {
  let before: unknown;
  beforeAll(async () => {
    before = await synthesized(original, SYNTH, options);
  });

  test("with the sources that the documented commands produce", async () => {
    expect(differences(before, await synthesized(switched, SYNTH, options))).toEqual(DOCUMENTED);
  });

  test("with unchanged sources, resolving their imports to the fork's packages", async () => {
    expect(differences(before, await synthesized(switched, ["node", ALIASED_APP], options))).toEqual(DOCUMENTED);
  });
});

test("the switched sources compile with the fork's types, and import none of the old packages", async () => {
  await run("npx", ["tsc", "--noEmit"], switched);
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(switched, "package.json"), "utf8"),
  );
  const names = [dependencies, devDependencies, peerDependencies].flatMap(Object.keys);
  expect(names.filter((name) => /cdktf/.test(name))).toEqual([]);
  for (const name of Object.values(ALIASES)) expect(Object.keys(peerDependencies)).toContain(name);
});

test("the tests of the constructs pass with the switched sources", async () => {
  await run(
    "npx",
    ["jest", "--selectProjects", "unit", "--testPathPatterns", "stacks/(constructs|event-pipeline)"],
    switched,
  );
});

/** The rows of the document's table. */
function documentedDifferences(): Difference[] {
  const rows = readFileSync(DOCUMENT, "utf8").matchAll(/^\| `(\S+)` \| (\S+) \| (\S+) \|$/gm);
  return [...rows].map(([, path = "", before, after]) => ({ path, before, after }));
}

async function synthesized(
  folder: string,
  [command, ...args]: readonly [string, ...string[]],
  options: Options,
): Promise<unknown> {
  await run(command, args, folder, options);
  const stack = join(folder, "cdktf.out", "stages", options.EVENT_PIPELINE_STAGE ?? "dev", "cdk.tf.json");
  return JSON.parse(readFileSync(stack, "utf8"));
}

/** @throws Error with the command's output, if it fails. */
async function run(command: string, args: readonly string[], cwd: string, options: Options = {}): Promise<string> {
  const env = { ...process.env, ...options };
  const { code, stdout, stderr } = await new Child(command, args, { cwd, env }).finished(LIMIT_MS);
  if (code === 0) return stdout;
  throw new Error(`${[command, ...args].join(" ")} ended with ${code}:\n${stdout}${stderr}`);
}
