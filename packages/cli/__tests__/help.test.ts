import { runCli } from "@event-pipeline/testing/run-cli";

const COMMANDS = ["publish", "samples", "status", "reconcile", "doctor", "console"].map((name) => [name]);
const GROUPED = { events: ["list", "types", "tail", "show"], dlq: ["list", "show", "export", "redrive", "purge"] };
const PATHS = [...COMMANDS, ...Object.entries(GROUPED).flatMap(([group, names]) => names.map((name) => [group, name]))];

test.each(PATHS)("the help of %s %s says where the options of every command are", async (...path) => {
  const { code, stdout } = await runCli([...path.filter((name) => typeof name === "string"), "--help"]);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^Options for every command.*: npx event-pipeline --help$/m),
  ]);
  expect(stdout).not.toMatch(/^ +--(profile|endpoint-url|raw-bucket) /m);
});

test("the main help has the options of every command once", async () => {
  const { stdout } = await runCli(["--help"]);
  for (const option of ["--name", "--profile", "--endpoint-url", "--local"]) {
    expect(stdout.match(new RegExp(`^ +${option}\\b`, "gm"))).toHaveLength(1);
  }
});

test.each([
  [["evnts"], "events", "--help"],
  [["events", "shwo"], "show", "events --help"],
  [["status", "--loacl"], "--local", "status --help"],
  [["--loacl", "status"], "--local", "--help"],
  [["dlq", "redrive", "--coed", "X"], "--code", "dlq redrive --help"],
])("%j suggests %s", async (args, nearest, help) => {
  const { code, stderr } = await runCli([...args]);
  const [, suggestion, hint] = stderr.trimEnd().split("\n");
  expect([code, suggestion, hint]).toEqual([2, `(Did you mean ${nearest}?)`, `For help: npx event-pipeline ${help}`]);
});
