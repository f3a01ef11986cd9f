import { spawn } from "node:child_process";
import { LocalRun, stackFolder } from "@event-pipeline/testing/local-run";
import { runCli } from "@event-pipeline/testing/run-cli";
import { readyText, usageText } from "../../hops/ready-text";
import type { ReadyFacts } from "../../hops/report";
import { TextReport } from "../../hops/text-report";

const LONGEST_NAME = "a-pipeline-of-the-longest-name-there-may";

const FACTS: ReadyFacts = {
  endpoint: "http://127.0.0.1:4566",
  page: "http://127.0.0.1:4576/",
  region: "us-east-1",
  outputs: {},
  notRun: [],
  shortened: [],
  pids: [],
  readyMs: 0,
};

function factsOf(name: string, port: number): ReadyFacts {
  const endpoint = `http://127.0.0.1:${port}`;
  const outputs = {
    dlq_url: `${endpoint}/000000000000/${name}-events-dlq`,
    function_name: `${name}-event-processor`,
    queue_url: `${endpoint}/000000000000/${name}-events-queue`,
    raw_bucket: `${name}-events-raw`,
    table_name: `${name}-events`,
    topic_arn: `arn:aws:sns:us-east-1:000000000000:${name}-events`,
  };
  return { ...FACTS, endpoint, outputs };
}

/** Returns the commands with a prefix, each on one line. */
function commandsOf(text: string, beginning: string): string[] {
  return text
    .replaceAll(/ \\\n +/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith(beginning));
}

test.each(["local", LONGEST_NAME])("prints a command that works unchanged, for a run named %s", async (name) => {
  const run = await LocalRun.start("--name", name);
  const [publish = ""] = commandsOf(usageText(run.ready), "npx event-pipeline ");
  const published = await runCli(publish.split(" ").slice(2));
  expect([published.code, published.stdout]).toEqual([0, expect.stringMatching(/^[\da-f-]{36}\n$/)]);
  await run.waitForHop(published.stdout.trim(), "stored");
  expect(await run.stop()).toBe(0);
});

test.each([
  ["local", 4566],
  ["team-7-staging", 45_678],
])(
  "the addresses and commands fit in a terminal of 30 lines and 80 columns, for a run named %s at port %d",
  (name, port) => {
    let text = "";
    const write = (written: string) => {
      text += written;
    };
    const report = new TextReport({ write, columns: () => 80, paint: (_, painted) => painted }, false);
    const facts = factsOf(name, port);
    report.verdict([]);
    report.waiting(facts);
    // The cursor is on a line of its own.
    expect(text.split("\n").length).toBeLessThanOrEqual(30);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(commandsOf(text, "npx event-pipeline publish --sample finding.new --local")).toHaveLength(1);
    for (const value of [facts.endpoint, facts.page, facts.outputs.topic_arn, "Ctrl-C"]) expect(text).toContain(value);
  },
);

test("ends with the addresses and the commands, after the demonstration", async () => {
  const child = spawn(process.execPath, ["dist/local/main.mjs", "--port", "0", "--stack-folder", stackFolder()]);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (text.includes("Press Ctrl-C")) child.kill("SIGINT");
  });
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  const [, end = ""] = text.split("All events arrived");
  const order = [
    /^ {2}page +http:/m,
    /^ {2}npx event-pipeline publish/m,
    /^ {2}endpoint +http:/m,
    /^ {2}topic_arn +arn:/m,
  ];
  const places = order.map((pattern) => end.search(pattern));
  expect(places).toEqual(places.filter((place) => place >= 0).sort((one, other) => one - other));
});

test("folds what is not run into one line for each service, and one for the arguments", () => {
  const notRun = [
    "aws_s3_bucket_policy.events_raw",
    "terraform_data.events_deployment",
    "aws_s3_bucket_ownership_controls.events_raw",
    "aws_sns_topic.events.tags",
    "aws_dynamodb_table.events.point_in_time_recovery",
    "aws_dynamodb_table.events.tags",
  ];
  expect(
    readyText({ ...FACTS, notRun })
      .match(/^Not run here.*\n((?: .*\n)+)/m)?.[1]
      ?.split("\n"),
  ).toEqual(["  aws_s3_* (2)", "  terraform_data (1)", "  arguments: tags, point_in_time_recovery", ""]);
});

test("prints no command of the CLI if no output names the pipeline", () => {
  expect(usageText(FACTS)).not.toContain("npx");
});
