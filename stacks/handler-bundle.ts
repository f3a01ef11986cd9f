import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/** Thrown if a handler does not exist or was not built. */
export class MissingBundleError extends Error {
  override readonly name = "MissingBundleError";
}

/**
 * Returns the absolute path of a bundled handler of this package.
 *
 * @param handler - `event-processor` or `alert-log`. In a clone, also any other folder in lambda-src.
 * @throws MissingBundleError if there is no such handler, or it was not built.
 * @example
 * pipeline.addQueueSubscriber("alerts", { handlerPath: handlerBundle("alert-log") });
 */
export function handlerBundle(handler: string): string {
  const root = packageRoot();
  const bundles = join(root, "dist", "lambda");
  const isBundle = (name: string) => existsSync(join(bundles, name, "index.mjs"));
  if (isBundle(handler)) return join(bundles, handler);
  // Only a clone has the sources.
  const source = join(root, "lambda-src", handler, "index.ts");
  if (existsSync(source)) {
    throw new MissingBundleError(`The handler ${handler} was not built from ${source}. Build it with: npm run build`);
  }
  const known = existsSync(bundles) ? readdirSync(bundles).filter(isBundle) : [];
  throw new MissingBundleError(
    `Unknown handler ${JSON.stringify(handler)}: expected one of ${known.join(", ")}. For a handler of your own, give handlerPath the folder of its bundle, whose index.mjs exports handler.`,
  );
}

/** Returns the folder with package.json. The folder of this file differs between the source and the bundle. */
function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
