import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Thrown if a handler was not built. */
export class MissingBundleError extends Error {
  override readonly name = "MissingBundleError";
}

/**
 * Returns the absolute path of a bundled handler of this package.
 *
 * @param handler - Name of a folder in lambda-src.
 * @throws MissingBundleError if the handler was not built.
 * @example
 * pipeline.addQueueSubscriber("alerts", { handlerPath: handlerBundle("alert-log") });
 */
export function handlerBundle(handler: string): string {
  const folder = join(packageRoot(), "dist", "lambda", handler);
  if (existsSync(join(folder, "index.mjs"))) return folder;
  throw new MissingBundleError(
    `Missing bundle of the handler ${handler} in ${folder}. In a clone, build it from lambda-src/${handler}/index.ts with: npm run build`,
  );
}

/** Returns the folder with package.json. The folder of this file differs between the source and the bundle. */
function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
