import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** Generated files, and folders that are not part of the project. */
const EXCLUDED = /^(?:\.git|node_modules|dist|cdktf\.out|coverage|.*\.log|.*\.tfstate.*)$/;

/** Copies the project into `folder`, as a clone before `npm ci`. */
export function copyProject(folder: string): void {
  for (const name of readdirSync(".")) {
    if (!EXCLUDED.test(name)) cpSync(name, join(folder, name), { recursive: true });
  }
}

/** Copies the project into `folder`, as a clone after `npm ci`. */
export function copyInstalledProject(folder: string): void {
  copyProject(folder);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
}
