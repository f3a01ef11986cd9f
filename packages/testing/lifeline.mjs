// Runs a command, and kills it and its children when stdin ends. The kernel closes stdin when the tests end, even after
// SIGKILL, so that moto_server and provider plugins do not keep running.
import { spawn } from "node:child_process";

const [command, ...args] = process.argv.slice(2);
// A separate process group, so that one signal also reaches the command's children.
const child = spawn(command, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] });

child.on("error", (error) => {
  process.stderr.write(`Cannot start ${command}: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  if (signal) process.stderr.write(`${command} was ended by ${signal}\n`);
  process.exit(code ?? 1);
});

function killGroup() {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: the command has already ended.
    if (error.code !== "ESRCH") throw error;
  }
}

process.stdin.resume().on("end", killGroup).on("error", killGroup);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, killGroup);
