import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** Generated folders, and folders that are not part of the project. */
const LEFT_OUT = /^(?:\.git|node_modules|dist|cdktf\.out|coverage|.*\.log|.*\.tfstate.*)$/;

/** Copies the project into `folder`, like a clone before npm ci. */
export function copyProject(folder: string): void {
  for (const name of readdirSync(".")) {
    if (!LEFT_OUT.test(name)) cpSync(name, join(folder, name), { recursive: true });
  }
}

/** Copies the project into `folder`, like a clone after npm ci. */
export function copyInstalledProject(folder: string): void {
  copyProject(folder);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
}
