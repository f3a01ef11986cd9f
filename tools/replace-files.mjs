// Replaces built files while others read them: a plan that zips dist/lambda, a second build, a command that loads its
// parts.
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
 * Replaces each file atomically, so that a reader finds the old or the new one, then deletes all other files in `folders`.
 * It leaves unchanged files alone, because Windows cannot replace a file that another program has open.
 *
 * @param {readonly { path: string, contents: Uint8Array }[]} files - In the order of their bundles.
 * @param {readonly string[]} folders - Folders that hold nothing else afterwards.
 */
export function replaceFiles(files, folders) {
  mkdirSync("dist", { recursive: true });
  // Next to dist/lambda, not in it: a plan zips everything in that folder.
  const beside = mkdtempSync("dist/.build-");
  try {
    // Entry points come last, after the files that they load.
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
    // It does not exist, or it is not a file, and then the rename reports that.
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
    // It holds built files, or another build has deleted it.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code)) throw error;
  }
}
