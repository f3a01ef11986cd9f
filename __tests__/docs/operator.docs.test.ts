import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { CliProcess } from "@event-pipeline/testing/run-cli";
import { ID, isAsPrinted, type Transcript, transcriptsOf } from "./transcripts";

const FILES = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const transcripts = FILES.map((file) => transcriptsOf(file)).filter(({ length }) => length > 0);

/** The file that a documented command creates in the current folder. */
const EXPORTED = "letters.ndjson";

/** Time limit for the documented output to appear, in milliseconds. The archive is the slowest. */
const PATIENCE_MS = 15_000;

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
  /** Ids of this run, by the id in the document. */
  const actual = new Map<string, string>();
  beforeAll(async () => {
    // As npm start does.
    run = await LocalRun.start("--delivery", "ordered");
    rmSync(EXPORTED, { force: true });
  });
  afterAll(async () => {
    await run.stop();
    rmSync(EXPORTED, { force: true });
  });

  test.each(all)(
    "$command",
    async ({ command, output }: Transcript) => {
      const text = [...actual].reduce((filled, [documented, id]) => filled.replaceAll(documented, id), command);
      // A read-only command is repeated until the event has reached the documented state.
      const isReading =
        /^(events (show|list|types|tail)|status|dlq (list|show)|archive (list|get)|reconcile|doctor)\b/.test(command);
      const deadline = performance.now() + PATIENCE_MS;
      let printed = await printedBy(text, run);
      while (isReading && !isAsPrinted(output, printed) && performance.now() < deadline) {
        await sleep(500);
        printed = await printedBy(text, run);
      }
      // On failure, jest shows both side by side.
      expect({ matches: isAsPrinted(output, printed), printed }).toEqual({ matches: true, printed });
      const [documentedIds, ids] = [output, printed].map((lines) => lines.join("\n").match(new RegExp(ID, "g")) ?? []);
      for (const [index, id] of (documentedIds ?? []).entries())
        if (!actual.has(id)) actual.set(id, String(ids?.[index]));
    },
    60_000,
  );
});

/** Returns the output as a terminal shows it: data and messages in the order of writing. */
async function printedBy(command: string, run: LocalRun): Promise<string[]> {
  const shell = `node dist/cli/main.mjs ${command} 2>&1`;
  const { done } = CliProcess.shell(shell, { AWS_ENDPOINT_URL: run.ready.endpoint });
  const { stdout } = await done;
  // As if the command ran with npx against a local run on the default port.
  const documented = stdout
    .replaceAll("node dist/cli/main.mjs", "npx event-pipeline")
    .replaceAll(` --endpoint-url ${run.ready.endpoint}`, "");
  return documented.trimEnd().split("\n");
}
