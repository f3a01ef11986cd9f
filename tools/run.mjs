// npm start, npm run synth and npm run bench: builds, synthesizes and runs the target in one process, which ends when
// npm ends. In a shell's `a && b`, npm's signals would reach only the shell.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf, isUpToDate, writeStamp } from "./up-to-date.mjs";

/** Interval between checks whether npm is still running, in milliseconds. */
const CHECK_INTERVAL_MS = 500;

const [, , target] = process.argv;
const next = { local: "dist/local/main.mjs", bench: "dist/bench/main.mjs" }[target];

endWithNpm();
await import("./build.mjs");
await synthesize();
if (next && !process.exitCode) {
  process.argv.splice(2, 1);
  await import(pathToFileURL(next));
}

/** Synthesizes the stack. The local run uses the last one if nothing that it depends on has changed. */
async function synthesize() {
  const outdir = process.env.CDKTF_OUTDIR || "cdktf.out";
  const variables = Object.entries(process.env).filter(([name]) => /^(?:EVENT_PIPELINE|CDKTF)_/.test(name));
  const inputs = digestOf(
    // The stack has a copy of the event processor's bundle, with the contracts.
    ["dist/app", "dist/lambda", "events", "cdktf.json", "node_modules/.package-lock.json"],
    { outdir, variables },
  );
  const stamp = join(outdir, ".synthesized.json");
  if (next === "dist/local/main.mjs" && isUpToDate(stamp, inputs)) return;
  const { error } = console;
  let printed = 0;
  console.error = (...values) => {
    printed += 1;
    error(...values);
  };
  await import(pathToFileURL("dist/app/main.js"));
  console.error = error;
  if (process.exitCode) return;
  const manifest = join(outdir, "manifest.json");
  const { workingDirectory } = JSON.parse(readFileSync(manifest, "utf8")).stacks["event-pipeline"];
  const json = join(outdir, workingDirectory, "cdk.tf.json");
  // The cdktf CLI runs this script with --silent.
  if (target === "app" && process.env.npm_config_loglevel !== "silent") process.stdout.write(`Synthesized ${json}\n`);
  // Warnings appear at every start.
  if (printed === 0) writeStamp(stamp, inputs, [manifest, json]);
}

/**
 * Ends this process when npm ends. npm forwards only SIGINT and SIGTERM, and a shell between npm and this process does
 * not forward them. After other signals, such as SIGHUP and SIGKILL, npm is simply gone. If npm ended before this
 * function ran, the parent belongs to another process group.
 */
function endWithNpm() {
  const { pid, ppid } = process; // Read at the start, because `process.ppid` changes when the parent ends.
  const processes = runningProcesses();
  const own = processes.get(pid);
  const parent = processes.get(ppid);
  // A shell between npm and this process has this script in its command line.
  const isShell = parent?.command.includes("tools/run.mjs");
  const npm = isShell ? parent.parent : ppid;
  const isOfNpm = process.env.npm_lifecycle_script?.includes("tools/run.mjs");
  if (isOfNpm && own && processes.get(npm)?.group !== own.group) process.kill(pid, "SIGHUP");
  const checks = setInterval(() => {
    if ([ppid, npm].every(isRunning)) return;
    clearInterval(checks);
    process.kill(pid, "SIGHUP");
  }, CHECK_INTERVAL_MS).unref();
}

/** Returns all processes by PID; none if `ps` is missing or does not support these options. */
function runningProcesses() {
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
    return error.code === "EPERM"; // The process exists but belongs to another user.
  }
}
