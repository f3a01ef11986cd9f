import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalRun } from "@event-pipeline/testing/local-run";
import { Operator } from "@event-pipeline/testing/operator";
import { ID, isAsPrinted, type Transcript, transcriptsOf } from "../helpers/transcripts";

const FILES = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const transcripts = FILES.map((file) => transcriptsOf(file)).filter(({ length }) => length > 0);

/** Milliseconds that a reader may need to see what is documented: the archive comes last. */
const PATIENCE_MS = 15_000;

test("npx runs the command from the clone", () => {
  expect(execFileSync("npx", ["event-pipeline", "samples"], { encoding: "utf8" })).toContain("finding.new");
}, 60_000);

test("the README shows the command", () => {
  expect(transcripts.map(([first]) => first?.file)).toContain("README.md");
});

describe.each(transcripts.map((all) => [all[0]?.file, all] as const))("%s", (_file, all) => {
  let run: LocalRun;
  /** What stands in the document for what this run has. */
  const actual = new Map<string, string>();
  beforeAll(async () => {
    run = await LocalRun.start();
  });
  afterAll(() => run.stop());

  test.each(all)(
    "$command",
    async ({ command, output }: Transcript) => {
      const text = [...actual].reduce((filled, [documented, id]) => filled.replaceAll(documented, id), command);
      // A command that changes nothing is asked again until the event has come as far as the document has it.
      const isReading =
        /^(events (show|list|types|tail)|status|dlq (list|show)|archive (list|get)|reconcile|doctor)\b/.test(command);
      const deadline = performance.now() + PATIENCE_MS;
      let printed = await printedBy(text, run);
      while (isReading && !isAsPrinted(output, printed) && performance.now() < deadline) {
        await sleep(500);
        printed = await printedBy(text, run);
      }
      // The two side by side, should they differ.
      expect({ matches: isAsPrinted(output, printed), printed }).toEqual({ matches: true, printed });
      const [documentedIds, ids] = [output, printed].map((lines) => lines.join("\n").match(new RegExp(ID, "g")) ?? []);
      for (const [index, id] of (documentedIds ?? []).entries())
        if (!actual.has(id)) actual.set(id, String(ids?.[index]));
    },
    60_000,
  );
});

/** As a terminal shows it: through a shell, data and messages in the order that they were written in. */
async function printedBy(command: string, run: LocalRun): Promise<string[]> {
  const shell = `node dist/cli/main.mjs ${command} 2>&1`;
  const { done } = Operator.shell(shell, { AWS_ENDPOINT_URL: run.ready.endpoint });
  const { stdout } = await done;
  return stdout.trimEnd().split("\n");
}
