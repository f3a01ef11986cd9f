import { existsSync } from "node:fs";

// Only a clone has the sources. This file and the bundle of the command are equally deep.
const isClone = existsSync(new URL("../../lambda-src", import.meta.url));

/**
 * Returns the command that synthesizes, compares or deploys the project. A clone has an npm script for it; a project that
 * has installed the package runs cdktf.
 *
 * @example
 * projectCommand("deploy"); // npm run deploy, or npx cdktf deploy
 */
export function projectCommand(name: "synth" | "diff" | "deploy"): string {
  return `${isClone ? "npm run" : "npx cdktf"} ${name}`;
}
