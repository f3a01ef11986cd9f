import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** Generated files, and folders that are not part of the project. */
const EXCLUDED = /^(?:\.git|node_modules|dist|cdktf\.out|coverage|.*\.log|.*\.tfstate.*)$/;

/** Copies the project into `folder`, as a clone before `npm ci`. */
export function copyProject(folder: string): void {
  for (const name of readdirSync(".")) {
    if (!EXCLUDED.test(name)) cpSync(name, join(folder, name), { recursive: true });
  }
}

/** The links to the packages of this project, which lead to the copy's own packages. */
const WORKSPACES = "@event-pipeline";

/** Copies the project into `folder`, as a clone after `npm ci`. */
export function copyInstalledProject(folder: string): void {
  copyProject(folder);
  const installed = join(folder, "node_modules");
  mkdirSync(installed);
  for (const name of readdirSync("node_modules")) {
    const [from, to] = [resolve("node_modules", name), join(installed, name)];
    if (name === WORKSPACES) cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    else symlinkSync(from, to);
  }
}
