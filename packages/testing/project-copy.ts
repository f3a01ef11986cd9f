import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** What is made here, or is not the project's. */
const LEFT_OUT = /^(?:\.git|node_modules|dist|cdktf\.out|coverage|.*\.log|.*\.tfstate.*)$/;

/** Puts the project as it lies here into `folder`, as a clone would be before npm ci. */
export function copyProject(folder: string): void {
  for (const name of readdirSync(".")) {
    if (!LEFT_OUT.test(name)) cpSync(name, join(folder, name), { recursive: true });
  }
}

/** The same as after npm ci. */
export function copyInstalledProject(folder: string): void {
  copyProject(folder);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
}
