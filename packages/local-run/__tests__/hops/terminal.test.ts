// Runs the demonstration in a pipe and in a pseudo-terminal that `script` creates (from util-linux; macOS has a different one).
import { spawn, spawnSync } from "node:child_process";
import { stackFolder } from "@event-pipeline/testing/local-run";
import { stageWith } from "@event-pipeline/testing/synthesized";
import { columnsOf } from "../../hops/fold";

const COLUMNS = 80;
const ESC = "\u001b";

async function outputOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  // A terminal's environment, without CI, NO_COLOR or TERM=dumb, which change the colors.
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(command, args, {
    env: { PATH, HOME, TMPDIR, TERM: "xterm", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  expect({ command, code }).toEqual({ command, code: 0 });
  return output;
}

function inTerminal(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  if (spawnSync("script", ["--version"]).error) {
    throw new Error("This test needs `script`. Install it: apt-get install bsdutils, or util-linux.");
  }
  const line = `stty cols ${COLUMNS}; ${[process.execPath, ...args].map((word) => `'${word}'`).join(" ")}`;
  const isMac = process.platform === "darwin";
  return outputOf("script", isMac ? ["-q", "/dev/null", "sh", "-c", line] : ["-qec", line, "/dev/null"], env);
}

function demonstration(...options: string[]): string[] {
  // The options with the longest output: a second subscriber with a filter, and every alarm.
  const filter = { filterPolicy: { severity: ["high"] }, filterPolicyScope: "MessageBody" as const };
  const stage = stageWith({ alarmEmail: "ops@example.com" }, { alerts: { handler: "alert-log", ...filter } });
  const folder = stackFolder(undefined, stage);
  return ["dist/local/main.mjs", "--once", "--port", "0", "--stack-folder", folder, ...options];
}

function linesOf(output: string): string[] {
  return output
    .replaceAll(new RegExp(`${ESC}\\[\\d+m`, "g"), "")
    .replaceAll("\r", "")
    .split("\n");
}

test("folds lines and colors hop kinds on a terminal of 80 columns", async () => {
  const output = await inTerminal(demonstration("--verbose"));
  expect(output).toContain(`${ESC}[32mstored${ESC}[39m`);
  expect(linesOf(output).filter((line) => columnsOf(line) > COLUMNS)).toEqual([]);
  expect(linesOf(output).filter((line) => /^\d\d:/.test(line)).length).toBeGreaterThan(20);
});

test("NO_COLOR turns colors off", async () => {
  expect(await inTerminal(demonstration(), { NO_COLOR: "1" })).not.toContain(ESC);
});

test("writes one uncolored line per hop, with the MessageId, to a pipe", async () => {
  const output = await outputOf(process.execPath, demonstration());
  expect(output).not.toContain(ESC);
  const hops = linesOf(output).filter((line) => /^\d\d:/.test(line));
  const published = hops.filter((line) => line.includes("  published "));
  expect(published).toHaveLength(4);
  const stagesOf = (messageId: string) =>
    hops.filter((line) => line.includes(messageId)).map((line) => /^\S+ +(\S+)/.exec(line)?.[1]);
  const ways = published.map((line) => new Set(stagesOf(String(/[0-9a-f-]{36}/.exec(line)?.[0]))));
  const stored = ["published", "queued", "processed", "stored", "archived"];
  expect(ways).toEqual([
    new Set(stored),
    new Set(["filtered", ...stored]),
    new Set(["filtered", ...stored]),
    // The handler's error line contains the MessageId too.
    new Set(["published", "filtered", "queued", "processed", "dead-lettered", "log", "archived"]),
  ]);
  expect(hops.filter((line) => line.includes("id=scan-1 "))).not.toEqual([]);
  expect(output).not.toContain("batch processed");
});
