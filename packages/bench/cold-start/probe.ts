/** Imports one bundle in a fresh process and says how long that took. Its clients are made at module load. */
import * as module from "node:module";
import { pathToFileURL } from "node:url";

export interface Probed {
  readonly ms: number;
  readonly rssBytes: number;
}

const [bundle = "", cacheFolder] = process.argv.slice(2);
// Newer than the types of this project's oldest Node.js.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
if (cacheFolder) enableCompileCache?.(cacheFolder);
const { href } = pathToFileURL(bundle);
const start = performance.now();
await import(href);
const ms = performance.now() - start;
process.stdout.write(JSON.stringify({ ms, rssBytes: process.memoryUsage().rss } satisfies Probed));
