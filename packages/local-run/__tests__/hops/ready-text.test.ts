import { LocalRun } from "@event-pipeline/testing/local-run";
import { runCli } from "@event-pipeline/testing/run-cli";
import { readyText } from "../../hops/ready-text";

/** Returns the commands with a prefix, each on one line. */
function commandsOf(text: string, beginning: string): string[] {
  return text
    .replaceAll(/ \\\n +/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith(beginning));
}

test.each(["local", "a-pipeline-of-the-longest-name-there-may"])(
  "prints commands that work unchanged, for a run named %s",
  async (name) => {
    const run = await LocalRun.start("--name", name);
    const text = readyText({ ...run.ready, page: undefined });
    const [publish, show] = commandsOf(text, "npx event-pipeline ").map((line) => line.split(" ").slice(2));
    const published = await runCli(publish ?? []);
    expect([published.code, published.stdout]).toEqual([0, expect.stringMatching(/^[\da-f-]{36}\n$/)]);
    const id = published.stdout.trim();
    await run.waitForHop(id, "stored");
    const shown = await runCli((show ?? []).map((word) => (word === "MESSAGE_ID" ? id : word)));
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("Stored.")]);
    expect(await run.stop()).toBe(0);
  },
);

test("prints commands within 80 columns", () => {
  const text = readyText({
    endpoint: "http://127.0.0.1:4566",
    region: "us-east-1",
    outputs: { topic_arn: "arn:aws:sns:us-east-1:000000000000:local-events" },
    notRun: [],
    shortened: [],
    pids: [],
    readyMs: 0,
  });
  expect(text).toContain("  npx event-pipeline publish finding.new --local\n");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("prints no commands if no output names the pipeline", () => {
  const facts = { endpoint: "http://127.0.0.1:4566", region: "us-east-1", outputs: {}, notRun: [], shortened: [] };
  expect(readyText({ ...facts, pids: [], readyMs: 0 })).not.toContain("npx");
});
