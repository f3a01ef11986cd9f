import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { isCli, readProcess, readProcessWithPs } from "../process-table";

test("returns a process's parent, command line and start time until the process ends", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()", "--", ") R 1 2 3 ("]);
  const pid = Number(child.pid);
  await once(child, "spawn");
  const running = readProcess(pid);
  expect(running).toMatchObject({ pid, parent: process.pid, commandLine: expect.stringContaining("stdin.resume()") });
  expect(readProcess(pid)).toEqual(running);
  expect(running?.startTime).toBeGreaterThanOrEqual(Number(readProcess(process.pid)?.startTime));
  child.stdin.end();
  await once(child, "close");
  expect(readProcess(pid)).toBeUndefined();
});

describe("where there is no /proc", () => {
  const folder = mkdtempSync(join(tmpdir(), "ps-"));
  const { PATH } = process.env;
  beforeAll(() => {
    process.env.PATH = `${folder}${delimiter}${PATH}`;
  });
  afterAll(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  function psPrints(line: string): void {
    writeFileSync(join(folder, "ps"), `#!/bin/sh\n[ "$LC_ALL $TZ" = "C UTC" ] && printf '%s\\n' '${line}'\n`);
    chmodSync(join(folder, "ps"), 0o755);
  }

  test.each([
    ["Fri Nov 27 03:22:22 2026    ", "2026-11-27T03:22:22Z"],
    ["Sat Jan  3 23:59:59 2026", "2026-01-03T23:59:59Z"],
  ])("reads the output of ps: %s", (started, time) => {
    const commandLine = "node /Users/my name/event pipeline/node_modules/.bin/cdktf diff";
    psPrints(`  501 ${started} ${commandLine}`);
    expect(readProcessWithPs(77)).toEqual({ pid: 77, parent: 501, startTime: Date.parse(time), commandLine });
  });

  test.each(["", "PPID STARTED COMMAND", "  501 03:22:22 node"])("throws for any other output: %j", (line) => {
    psPrints(line);
    expect(() => readProcessWithPs(77)).toThrow(/process 77/);
  });
});

test.each([
  "node /home/me/clone/node_modules/.bin/cdktf diff",
  "/usr/bin/node20 --no-warnings node_modules/.bin/cdktf deploy",
  "/home/me/my tools/node /home/me/event pipeline/node_modules/.bin/cdktf",
  "C:\\Program Files\\nodejs\\node.exe C:\\clone\\node_modules\\cdktf-cli\\bundle\\bin\\cdktf.js synth",
  "node node_modules/.bin/cdktn diff",
])("%s is the CLI", (commandLine) => expect(isCli(commandLine)).toBe(true));

test.each([
  "sh -c node node_modules/.bin/cdktf diff",
  "/bin/sh node_modules/.bin/cdktf diff",
  "npm run --silent synth",
  "node tools/run.mjs app",
  "node /home/me/cdktf-pipeline/tools/run.mjs app",
])("%s is not the CLI", (commandLine) => expect(isCli(commandLine)).toBe(false));
