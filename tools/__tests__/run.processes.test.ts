// Signals that only npm receives, as from `kill` or a supervisor, and signals that a terminal sends to all processes.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { copyInstalledProject } from "@event-pipeline/testing/project-copy";

/** Time limits for the end after a signal, and for the start, in milliseconds. */
const ENDING_MS = 5_000;
const STARTING_MS = 60_000;

const root = mkdtempSync(join(tmpdir(), "event-pipeline-run-"));
const folder = join(root, "event pipeline");
beforeAll(() => copyInstalledProject(folder));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Returns the running processes of a process group, without zombies. */
function running(group: number): string {
  const processes = execFileSync("ps", ["-A", "-o", "pgid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return processes.filter((line) => new RegExp(`^\\s*${group} (?!Z)`).test(line)).join("\n");
}

async function until(holds: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds() && performance.now() < end) await after(100);
}

test.each([
  ["start -- --port 0", "SIGTERM", "npm", "lambda-runtime.mjs"],
  ["start -- --port 0", "SIGHUP", "npm", "lambda-runtime.mjs"],
  ["start -- --port 0", "SIGKILL", "npm", "lambda-runtime.mjs"],
  ["start -- --port 0", "SIGINT", "all", "lambda-runtime.mjs"],
  ["start -- --port 0", "SIGHUP", "all", "lambda-runtime.mjs"],
  ["start -- --port 0", "SIGTERM", "npm", "esbuild"],
  ["run synth", "SIGHUP", "npm", "esbuild"],
  ["run bench -- --quick --only local-run", "SIGTERM", "npm", "dist/local/main.mjs"],
  ["run bench -- --quick --only local-run", "SIGHUP", "npm", "dist/local/main.mjs"],
] as const)(
  "ends npm %s after %s to %s, once there is %s",
  async (command, signal, whom, part) => {
    // Otherwise, npm start does not build again.
    rmSync(join(folder, "dist"), { recursive: true, force: true });
    const { pid: group = 0 } = spawn("npm", command.split(" "), { cwd: folder, detached: true, stdio: "ignore" });
    try {
      await until(() => running(group).includes(part), STARTING_MS);
      expect(running(group)).toContain(part);
      process.kill(whom === "all" ? -group : group, signal);
      await until(() => running(group) === "", ENDING_MS);
      expect(running(group)).toBe("");
    } finally {
      if (running(group) !== "") process.kill(-group, "SIGKILL");
    }
  },
  STARTING_MS + 2 * ENDING_MS,
);

test.each([
  ["node", ["tools/run.mjs", "app"]],
  ["sh", ["-c", "node tools/run.mjs app; exit $?"]],
] as const)("ends a run at once if its npm ended before the run started, below %s", async (command, args) => {
  // The parent is in another process group, as it is after npm has ended.
  const env = { ...process.env, npm_lifecycle_script: "node tools/run.mjs app" };
  const run = spawn(command, args, { cwd: folder, detached: true, stdio: "ignore", env });
  const [code, signal] = await once(run, "exit");
  expect(signal === "SIGHUP" || code === 128 + constants.signals.SIGHUP).toBe(true);
});

test.each(["npm run synth", "sh -c 'exec node tools/run.mjs app'"])(
  "%s exits with code 0 without a signal",
  async (command) => {
    const { npm_lifecycle_script: _, ...env } = process.env;
    const run = spawn("sh", ["-c", command], { cwd: folder, detached: true, stdio: "ignore", env });
    expect(await once(run, "exit")).toEqual([0, null]);
  },
  STARTING_MS,
);
