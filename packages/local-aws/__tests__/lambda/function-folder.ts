import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { FunctionOptions } from "../../lambda/function";

/** Bundles the runtime, as the build does. Returns its file. */
export function bundledRuntime(): string {
  const outfile = join(mkdtempSync(join(tmpdir(), "runtime-")), "lambda-runtime.mjs");
  buildSync({
    entryPoints: [join(__dirname, "../../lambda/runtime.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  return outfile;
}

/** Returns a function with this code, which exports `handler`. */
export function functionOf(name: string, code: string, more: Partial<FunctionOptions> = {}): FunctionOptions {
  const folder = mkdtempSync(join(tmpdir(), "function-"));
  writeFileSync(join(folder, "index.mjs"), code);
  return {
    name,
    folder,
    handler: "index.handler",
    timeoutSeconds: 5,
    memoryMb: 128,
    environment: {},
    roleName: `${name}-role`,
    logGroup: `/aws/lambda/${name}`,
    ...more,
  };
}
