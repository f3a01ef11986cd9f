import { execFileSync } from "node:child_process";

/** Lambda's own major, whatever runs the benchmark. */
export const LAMBDA_NODE = "24.21.0";

/** Path of that Node.js, from the npm package `node`. */
export function lambdaNode(): string {
  return execFileSync("npx", ["--yes", "--package", `node@${LAMBDA_NODE}`, "--", "node", "-p", "process.execPath"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 120_000,
  }).trim();
}
