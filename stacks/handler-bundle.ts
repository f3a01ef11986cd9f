import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

export class MissingBundleError extends Error {
  override readonly name = "MissingBundleError";
}

/**
 * The folder of a handler of this package, bundled: an absolute path, wherever the package lies.
 *
 * @param handler - Folder under lambda-src, such as `alert-log`.
 * @throws MissingBundleError when there is none, as in a clone that was not built.
 */
export function handlerBundle(handler: string): string {
  const folder = join(packageRoot(), "dist", "lambda", handler);
  if (existsSync(join(folder, "index.mjs"))) return folder;
  throw new MissingBundleError(
    `The bundle of ${handler} is not in ${folder}. A clone makes it from lambda-src/${handler}/index.ts with: npm run build`,
  );
}

/** This file lies in one folder as it is, and in another as a part of a bundle. */
function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
