// npm start, npm run synth and npm run bench: builds, synthesizes and runs the target in one process, which ends with npm.
// With a shell's `a && b`, none of them would receive the signals that npm passes on.
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";

/** Interval between checks that npm still runs, in milliseconds. */
const LOOK_MS = 500;

const [, , target] = process.argv;
const next = { local: "dist/local/main.mjs", bench: "dist/bench/main.mjs" }[target];

endWithNpm();
await import("./build.mjs");
const { stop } = await import("esbuild");
stop(); // The child process of esbuild would keep running.
await import(pathToFileURL("dist/app/main.js"));
if (next && !process.exitCode) {
  process.argv.splice(2, 1);
  await import(pathToFileURL(next));
}

/**
 * Ends this process when npm ends. npm passes on SIGINT and SIGTERM only, and a shell in between does not pass them on. Other
 * signals, such as SIGHUP and SIGKILL, can be noticed only because npm no longer runs. npm may have ended before this runs:
 * then the parent belongs to another process group.
 */
function endWithNpm() {
  const { pid, ppid } = process; // The first parent: another process adopts this one when it ends.
  const processes = running();
  const own = processes.get(pid);
  const parent = processes.get(ppid);
  // The command line of a shell in between names this script.
  const isShell = parent?.command.includes("tools/run.mjs");
  const npm = isShell ? parent.parent : ppid;
  const isOfNpm = process.env.npm_lifecycle_script?.includes("tools/run.mjs");
  if (isOfNpm && own && processes.get(npm)?.group !== own.group) process.kill(pid, "SIGHUP");
  const looking = setInterval(() => {
    if ([ppid, npm].every(isRunning)) return;
    clearInterval(looking);
    process.kill(pid, "SIGHUP");
  }, LOOK_MS).unref();
}

/** Returns all processes by id; none if there is no `ps` with these options. */
function running() {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,args="], {
    encoding: "utf8",
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const lines = (stdout ?? "").matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s(.*)$/gm);
  return new Map(
    [...lines].map(([, id, parent, group, command]) => [Number(id), { parent: Number(parent), group, command }]),
  );
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM"; // It belongs to another user.
  }
}
