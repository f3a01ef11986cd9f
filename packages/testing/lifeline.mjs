// Runs a command and kills it with its children once stdin ends. The kernel closes that pipe however the tests end, even
// after SIGKILL, so neither moto_server nor a provider plugin outlives them.
import { spawn } from "node:child_process";

const [command, ...args] = process.argv.slice(2);
// Its own process group, so that one signal reaches the children too.
const child = spawn(command, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] });

child.on("error", (error) => {
  process.stderr.write(`${command} cannot be started: ${error.message}\n`);
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
    // ESRCH: it has already ended.
    if (error.code !== "ESRCH") throw error;
  }
}

process.stdin.resume().on("end", killGroup).on("error", killGroup);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, killGroup);
