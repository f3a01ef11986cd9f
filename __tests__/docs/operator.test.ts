import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { CliProcess } from "@event-pipeline/testing/run-cli";
import { EXAMPLE_EVENTS } from "@event-pipeline/testing/synthesized";
import { TranscriptRunner, transcriptsOf } from "./transcripts";

/** Documents with transcripts of the command, except the guide: guide.docs.test.ts runs that one. */
const FILES = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md") && name !== "guide.md")
    .map((name) => `docs/${name}`),
];
const transcripts = FILES.map((file) => transcriptsOf(file)).filter(({ length }) => length > 0);

/** The file that a documented command creates in the current folder. */
const EXPORTED = "letters.ndjson";

test("npx runs the command from the clone", () => {
  // npx links the clone's command in its cache, and never updates a link that an earlier commit of this clone left there.
  const npm_config_cache = mkdtempSync(join(tmpdir(), "npm-cache-"));
  try {
    const env = { ...process.env, npm_config_cache };
    expect(execFileSync("npx", ["event-pipeline", "samples"], { encoding: "utf8", env })).toContain("finding.new");
  } finally {
    rmSync(npm_config_cache, { recursive: true });
  }
}, 60_000);

test("README.md has a transcript of the command", () => {
  expect(transcripts.map(([first]) => first?.file)).toContain("README.md");
});

describe.each(transcripts.map((all) => [all[0]?.file, all] as const))("%s", (_file, all) => {
  let run: LocalRun;
  const runner = new TranscriptRunner((command) => printedBy(command, run));
  beforeAll(async () => {
    // As npm start does.
    const folder = stackFolder(undefined, undefined, EXAMPLE_EVENTS);
    run = await LocalRun.start("--delivery", "ordered", "--stack-folder", folder);
    rmSync(EXPORTED, { force: true });
  });
  afterAll(async () => {
    await run.stop();
    rmSync(EXPORTED, { force: true });
  });

  test.each(all)("$command", (transcript) => runner.run(transcript), 60_000);
});

/** Returns the output as a terminal shows it: data and messages in the order of writing. */
async function printedBy(command: string, run: LocalRun): Promise<string> {
  const shell = `${command.replace(/^npx event-pipeline/, "node dist/cli/main.mjs")} 2>&1`;
  const { done } = CliProcess.shell(shell, { AWS_ENDPOINT_URL: run.ready.endpoint });
  const { stdout } = await done;
  // As if the command ran with npx against a local run on the default port.
  return stdout
    .replaceAll("node dist/cli/main.mjs", "npx event-pipeline")
    .replaceAll(` --endpoint-url ${run.ready.endpoint}`, "");
}
