import { LocalRun } from "@event-pipeline/testing/local-run";
import { runCliOn } from "@event-pipeline/testing/run-cli";
import { spawn } from "@lydell/node-pty";

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
  await runCliOn(run, ["publish", "on-terminal"]);
  await run.until(() => run.hops("stored").length > 0);
});
afterAll(() => run.stop());

interface Shown {
  readonly code: number;
  readonly text: string;
}

/** Runs the command on a terminal of 100 columns, and types `key` once it has printed `until`. */
function onTerminal(
  args: readonly string[],
  environment: Record<string, string> = {},
  until?: RegExp,
  key = "\u0003",
): Promise<Shown> {
  const { PATH = "" } = process.env;
  const env = { PATH, TERM: "xterm-256color", AWS_ENDPOINT_URL: run.ready.endpoint, ...environment };
  const terminal = spawn(process.execPath, ["dist/cli/main.mjs", ...args, "--local"], { cols: 100, rows: 30, env });
  let text = "";
  let isTyped = false;
  terminal.onData((data) => {
    text += data;
    // The terminal echoes the typed key, so the output contains it.
    if (isTyped || !until?.test(text)) return;
    isTyped = true;
    if (key === "SIGTERM") terminal.kill(key);
    else terminal.write(key);
  });
  return new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve({ code: exitCode, text })));
}

/** A sequence that sets a color. */
const COLOR = new RegExp(`${"\u001b"}\\[\\d+m`);

test("publish - says that stdin is a terminal", async () => {
  const { code, text } = await onTerminal(["publish", "-"]);
  expect([code, text]).toEqual([
    2,
    expect.stringMatching(/^Standard input is a terminal.*\s+For help: .* publish --help\s*$/),
  ]);
});

test("clears the progress line before it prints data", async () => {
  const { text } = await onTerminal(["publish", "on-terminal", "--count", "500"], { NO_COLOR: "1" });
  // A terminal shows only the text after the last carriage return in a line.
  const lines = text.split("\r\n").map((line) => line.split("\r\u001b[K").at(-1) ?? "");
  expect(lines.filter((line) => /^[\da-f-]{36}$/.test(line))).toHaveLength(500);
  expect(lines.filter((line) => !/^[\da-f-]{36}$/.test(line))).toEqual([
    expect.stringMatching(/^500 published, 0 failed, \d+\/s\.$/),
    expect.stringMatching(/ events show [\da-f-]{36} --local/),
    "",
  ]);
});

test("prints colors unless NO_COLOR, --no-color or TERM=dumb disables them", async () => {
  const list = ["events", "list", "--type", "on-terminal", "--limit", "1"];
  expect((await onTerminal(list)).text).toMatch(COLOR);
  expect((await onTerminal(list, { NO_COLOR: "1" })).text).not.toMatch(COLOR);
  expect((await onTerminal(list, { TERM: "dumb" })).text).not.toMatch(COLOR);
  expect((await onTerminal([...list, "--no-color"])).text).not.toMatch(COLOR);
});

test("truncates lines to the terminal's width, and escapes untrusted text", async () => {
  const data = JSON.stringify({ note: `\u001b[2J${"long ".repeat(100)}` });
  await onTerminal(["publish", "hostile\u001b[31m", "--id", "\u001b]0;title\u0007", "--data", data]);
  await run.until(() => run.hops("stored").some(({ detail }) => String(detail.event_type).startsWith("hostile")));
  const { text } = await onTerminal(["events", "list", "--type", "hostile\u001b[31m"], { NO_COLOR: "1" });
  expect(text).not.toContain("\u001b");
  expect(text.split("\r\n")[0]?.length).toBeLessThanOrEqual(100);
});

test("--watch clears the screen, and stops at Ctrl-C", async () => {
  const { code, text } = await onTerminal(["status", "--watch", "1"], {}, /(last archived[\s\S]*){2}/);
  expect(code).toBe(130);
  expect(text.split("\u001b[H\u001b[J").length).toBeGreaterThan(2);
});

test.each([
  [["dlq", "redrive"], "\u0003", 130],
  [["dlq", "purge"], "\u0003", 130],
  [["dlq", "purge"], "SIGTERM", 130],
  [["archive", "replay"], "SIGTERM", 130],
  [["dlq", "redrive"], "\u0004", 1],
  [["dlq", "purge"], "\u0004", 1],
  [["archive", "replay"], "\u0004", 1],
])("%j sends or deletes nothing if its question is answered with %j", async (args, key, exitCode) => {
  const { code, text } = await onTerminal([...args], { NO_COLOR: "1" }, /(Redrive|confirm|queue)\b.*[:?]/, key);
  expect([code, text]).toEqual([exitCode, expect.stringMatching(/Nothing was (sent|deleted)\.\s*$/)]);
});
