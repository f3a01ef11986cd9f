#!/usr/bin/env node
// The event-pipeline command, for npx and npm link. In a fresh clone, the first run bundles it.
// npm start and npm run build bundle it again.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bundle = new URL("../../dist/cli/main.mjs", import.meta.url);
if (!existsSync(bundle)) {
  const build = ["tools/build.mjs", "cli"];
  // The build's output goes to stderr, because stdout is for data.
  const { status } = spawnSync(process.execPath, build, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
await import(bundle);
