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
 * SIGKILL, nothing is left but its absence. It may be gone before this runs:
 * then somebody of another process group is in its place.
 */
function endWithNpm() {
  const { pid, ppid } = process; // The parent at the beginning: another takes its place when it ends.
  const processes = running();
  const own = processes.get(pid);
  const parent = processes.get(ppid);
  // A shell between has this script in its command line.
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

/** All processes by id; none where there is no `ps` that says so. */
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
    return error.code === "EPERM"; // Another user's.
  }
}
