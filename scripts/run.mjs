// npm start, npm run synth and npm run bench: builds, synthesizes, and goes on to what the target says. All in one
// process, which ends with npm: behind a shell's `a && b`, none of them gets the signals that npm passes on.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

/** Milliseconds between looks whether npm is still there. */
const LOOK_MS = 500;

const [, , target] = process.argv;
const next = { local: "dist/local/main.mjs", bench: "dist/bench/main.mjs" }[target];

endWithNpm();
await import("./build.mjs");
const { stop } = await import("esbuild");
stop(); // Its process has nothing more to do.
await import(pathToFileURL("dist/app/main.js"));
if (next && !process.exitCode) {
  process.argv.splice(2, 1);
  await import(pathToFileURL(next));
}

/**
 * npm passes on SIGINT and SIGTERM, to a shell where there is one in between,
 * which ends of it and tells nobody. Of what else ends npm, such as SIGHUP and
 * SIGKILL, nothing is left but its absence.
 */
function endWithNpm() {
  const ancestors = [process.ppid, npmBehindShell()].filter(Boolean);
  const looking = setInterval(() => {
    if (ancestors.every(isRunning)) return;
    clearInterval(looking);
    process.kill(process.pid, "SIGHUP");
  }, LOOK_MS).unref();
}

/** Where the parent is a shell, which has this script in its command line: the shell's parent. */
function npmBehindShell() {
  const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(process.ppid)], { encoding: "utf8" });
  const [, pid, command = ""] = /^\s*(\d+)\s(.*)/.exec(stdout ?? "") ?? [];
  return command.includes("scripts/run.mjs") ? Number(pid) : undefined;
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM"; // Another user's.
  }
}
