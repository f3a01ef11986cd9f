// Puts what was built in its place while others read there: a plan zips
// dist/lambda, a second build runs, a command loads its parts.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/**
 * Replaces each file at once, so that a reader finds the old one or the new one,
 * then deletes what else is in `folders`. A file that stays the same is left alone:
 * Windows does not replace one that another program has open.
 *
 * @param {readonly { path: string, contents: Uint8Array }[]} files - In the order of their bundles.
 * @param {readonly string[]} folders - Folders that hold nothing else afterwards.
 */
export function replaceFiles(files, folders) {
  mkdirSync("dist", { recursive: true });
  // Beside dist/lambda, not in it: whoever zips a folder zips all that is in it.
  const beside = mkdtempSync("dist/.build-");
  try {
    // Entry points last, when there is all that they load.
    for (const { path, contents } of [...files].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
      if (isSame(path, contents)) continue;
      const file = join(beside, basename(path));
      writeFileSync(file, contents);
      mkdirSync(dirname(path), { recursive: true });
      renameSync(file, path);
    }
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  const made = new Set(files.map(({ path }) => resolve(path)));
  for (const folder of folders) deleteOthers(resolve(folder), made);
}

const isEntry = ({ path }) => basename(path) === "main.mjs";

function isSame(path, contents) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    // It is not there, or is no file, which the rename reports.
    return false;
  }
}

function deleteOthers(folder, made) {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) deleteOthers(path, made);
      else if (!made.has(path)) rmSync(path, { force: true });
    }
    rmdirSync(folder);
  } catch (error) {
    // It holds what was made, or another build has deleted it.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code)) throw error;
  }
}
