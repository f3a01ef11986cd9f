// Skips work whose inputs and outputs are unchanged. The stamp of the work, a file in dist, has a digest of the inputs, and
// one of each output.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folders that no build reads, and a file that the build writes. */
const IGNORED = new Set(["node_modules", "__tests__", "schemas.json"]);

function* filesIn(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) yield path;
  if (!stats?.isDirectory()) return;
  for (const { name } of readdirSync(path, { withFileTypes: true })) {
    if (!IGNORED.has(name)) yield* filesIn(join(path, name));
  }
}

function digestOfFile(path) {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("base64");
  } catch {
    return undefined; // The file is missing or cannot be read, so its work is not up to date.
  }
}

/**
 * Returns a digest of files and values.
 *
 * @param paths - Files and folders. Paths that do not exist count too.
 * @param values - Anything else that the work depends on, such as environment variables.
 */
export function digestOf(paths, values) {
  const files = paths.flatMap((path) => [...filesIn(path)]).sort();
  return createHash("sha256")
    .update(JSON.stringify([values, process.version, files.map((path) => [path, digestOfFile(path)])]))
    .digest("base64");
}

/**
 * Returns whether the work with this stamp had the same inputs, and its outputs are unchanged.
 *
 * @param folders - Folders that must contain nothing but outputs.
 */
export function isUpToDate(stamp, inputs, folders = []) {
  try {
    const { inputs: former, outputs } = JSON.parse(readFileSync(stamp, "utf8"));
    return (
      former === inputs &&
      Object.entries(outputs).every(([path, digest]) => digestOfFile(path) === digest) &&
      folders.every((folder) => [...filesIn(folder)].every((path) => Object.hasOwn(outputs, path)))
    );
  } catch {
    return false;
  }
}

/** Records that the work is done. */
export function writeStamp(stamp, inputs, outputs) {
  mkdirSync(dirname(stamp), { recursive: true });
  const digests = Object.fromEntries(outputs.map((path) => [path, digestOfFile(path)]));
  writeFileSync(stamp, JSON.stringify({ inputs, outputs: digests }));
}
