import { LocalRun } from "@event-pipeline/testing/local-run";
import { CliProcess, runCli, runCliOn, runCliProcess } from "@event-pipeline/testing/run-cli";
import fc from "fast-check";
import { helpPages } from "./help-pages";

/** Returns the number of lines that a text takes on a terminal of 80 columns. */
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 80)), 0);

const MEANT: readonly [args: string[], meant: string[]][] = [
  [
    ["publish", "finding.new", '{"a":"it\'s"}', "--local"],
    ["publish", "finding.new", "--data", '{"a":"it\'s"}', "--local"],
  ],
  [
    ["publish", "--type", "finding.new", "--data", "{}"],
    ["publish", "finding.new", "--data", "{}"],
  ],
  [
    ["--local", "events", "show", "--id", "a b"],
    ["--local", "events", "show", "a b"],
  ],
  [
    ["events", "show", "--id=X", "--local"],
    ["events", "show", "X", "--local"],
  ],
  [
    ["dlq", "show", "--id", "X"],
    ["dlq", "show", "X"],
  ],
  [
    ["dlq", "export", "--file", "x.ndjson"],
    ["dlq", "export", "x.ndjson"],
  ],
  [
    ["dlq", "redrive", "--local", "X", "--yes"],
    ["dlq", "redrive", "--local", "--id", "X", "--yes"],
  ],
  [
    ["dlq", "export", "x.ndjson", "X"],
    ["dlq", "export", "x.ndjson", "--id", "X"],
  ],
  [
    ["dlq", "list", "X"],
    ["dlq", "list", "--id", "X"],
  ],
  [
    ["events", "list", "scan.done", "--limit", "1"],
    ["events", "list", "--type", "scan.done", "--limit", "1"],
  ],
  [
    ["events", "tail", "scan.done"],
    ["events", "tail", "--type", "scan.done"],
  ],
  [
    ["archive", "get", "X"],
    ["archive", "get", "--id", "X"],
  ],
  [
    ["archive", "replay", "scan.done"],
    ["archive", "replay", "--type", "scan.done"],
  ],
  [
    ["archive", "list", "2h"],
    ["archive", "list", "--since", "2h"],
  ],
  [
    ["contracts", "check", "main"],
    ["contracts", "check", "--against", "main"],
  ],
  [
    ["reconcile", "2h"],
    ["reconcile", "--since", "2h"],
  ],
  [
    ["status", "alice"],
    ["status", "--name", "alice"],
  ],
  [
    ["doctor", "alice"],
    ["doctor", "--name", "alice"],
  ],
  [
    ["console", "4577"],
    ["console", "--port", "4577"],
  ],
];

test.each(MEANT)("%j suggests the intended command, for a shell", async (args, meant) => {
  const { code, stdout, stderr } = await runCli(args);
  expect([code, stdout, linesOf(stderr) <= 4]).toEqual([2, "", true]);
  const [, command = ""] = /^Did you mean: npx event-pipeline (.*)$/m.exec(stderr) ?? [];
  const echo = `"${process.execPath}" -p "JSON.stringify(process.argv.slice(1))" -- ${command}`;
  expect(JSON.parse((await CliProcess.shell(echo, {}).done).stdout)).toEqual(meant);
});

test("each command that takes another argument in an option is tested above", async () => {
  const tested = new Set(MEANT.map(([args]) => args.filter((arg) => arg !== "--local").join(" ")));
  for (const { path, commands } of await helpPages(80)) {
    if (commands.length > 0 || /^(samples|events types|events show|dlq show|dlq purge)$/.test(path.join(" "))) continue;
    expect([...tested].some((line) => line.startsWith(`${path.join(" ")} `))).toBe(true);
  }
});

test.each([
  [["publish", "x", "--data", '{"a":', "1}"], "single quotes"],
  [["publish", "x", "y", "z"], "single quotes"],
  [["samples", "x"], "samples takes no arguments"],
  [["events", "show", "X", "Y"], "events show takes 1 argument"],
  [["publish", "x", "--", "{}"], "publish takes 1 argument"],
  [["dlq", "show", "--id"], "Give the id without it"],
  [["publish", "x", `{"a":"${"x".repeat(1_000)}"}`], "Did you mean --data?"],
  [["publish", "x", '{"a":\n1}'], `Did you mean: npx event-pipeline publish x --data $'{"a":\\0121}'`],
  [["dlq", "redrive", "X", "--type", "X"], "Did you mean --id?"],
  [["dlq", "redrive", "NOT_JSON"], "Did you mean: npx event-pipeline dlq redrive --code NOT_JSON"],
  [["events", "show", "-id1", "--local"], "If it is an argument: npx event-pipeline events show --local -- -id1"],
  [["dlq", "show", "--id", "-x"], "Give the id without it"],
  [["dlq", "show"], "Usage: npx event-pipeline dlq show [options] <id>"],
  [["events", "list", "--local"], "--type"],
  [["events", "list", "--type", "x", "--limit", "0"], "from 1 to"],
  [["events", "list", "--type", "x", "--limit", "-1"], "from 1 to"],
  [["events", "list", "--type", "x", "--since", "tomorrow"], "such as 2026-01-02T03:04Z"],
  [["events", "list", "--type", "x", "--since", "1h", "--until", "2h", "--local"], "must be earlier than --until"],
  [["dlq", "list", "--by", "id"], "code, type"],
  [["status"], "--name"],
  [["publish"], "No event type"],
])("%j says what is allowed", async (args, allowed) => {
  const { code, stdout, stderr } = await runCli(args);
  expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(allowed)]);
  expect(linesOf(stderr)).toBeLessThanOrEqual(4);
});

test("every command says first how to start what does not run", async () => {
  for (const args of [["status"], ["publish", "x"], ["dlq", "list"], ["events", "list", "--type", "x"], ["doctor"]]) {
    const { code, stderr } = await runCliProcess([...args, "--local", "--endpoint-url", "http://127.0.0.1:1"]);
    expect([code, linesOf(stderr) <= 4]).toEqual([1, true]);
    expect(stderr).toMatch(
      /^Nothing runs at http:\/\/127\.0\.0\.1:1\. Start it \(a local run: npm start in its project\)/,
    );
  }
});

test("an unknown code, queue, type or pipeline takes at most four lines, with what exists or what to do", async () => {
  const run = await LocalRun.start();
  const { stdout } = await runCliOn(run, ["publish", "--sample", "not-json"]);
  await run.waitForHop(stdout.trimEnd(), "dead-lettered");
  const { stdout: stored } = await runCliOn(run, ["publish", "scan.done"]);
  await run.waitForHop(stored.trimEnd(), "stored");
  const wrong: readonly [args: string[], exitCode: number, named: string[]][] = [
    [["dlq", "redrive", "--yes", "--code", "NOPE"], 1, ["NOPE", "NOT_JSON"]],
    [["dlq", "list", "--queue", "nope"], 1, ["nope", "npx event-pipeline status"]],
    [["events", "list", "--type", "scan.done2"], 0, ["scan.done"]],
    [["publish", "x", "--name", "no-such"], 1, ["no-such", "--name"]],
  ];
  const found = await Promise.all(wrong.map(([args]) => runCliOn(run, args)));
  await run.stop();
  for (const [index, { code, stderr }] of found.entries()) {
    const [args, exitCode, named] = wrong[index] ?? [[], 0, []];
    expect([args, code, linesOf(stderr) <= 4]).toEqual([args, exitCode, true]);
    for (const text of named) expect(stderr).toContain(text);
  }
});

test("every option and argument refuses empty and malformed values, with a message and without a stack trace", async () => {
  const pages = await helpPages(80);
  const globals = pages.find(({ path }) => path.length === 0)?.valueOptions ?? [];
  const given = pages.flatMap(({ path, commands, valueOptions }) =>
    commands.length > 0 ? [] : ["--", ...globals, ...valueOptions].map((option) => [...path, option]),
  );
  expect(given.length).toBeGreaterThan(100);
  const malformed = fc.constantFrom("\0", "a\0b", "\ud800", "a\udc00");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...given), fc.oneof(fc.constant(""), malformed), async (words, value) => {
      // Only an optional argument may be empty.
      fc.pre(value !== "" || !words.includes("--"));
      const { code, stdout, stderr } = await runCli([...words, value]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(value === "" ? words.at(-1) : "Invalid argument");
      expect(stderr).not.toMatch(/TypeError|^ {4}at /m);
    }),
    { numRuns: 1_000 },
  );
  for (const args of [
    ["events", "show"],
    ["dlq", "show"],
    ["dlq", "export"],
  ]) {
    expect(await runCli([...args, ""])).toMatchObject({ code: 2, stdout: "" });
  }
}, 60_000);
