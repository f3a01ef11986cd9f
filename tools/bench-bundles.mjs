// Bundles for `npm run bench`: the benchmarks, and the handler and its alternatives, built with the options of the
// deployed bundle except one.

const HANDLER = "lambda-src/event-processor/index.ts";

/**
 * @param {import("esbuild").BuildOptions} lambda - How handlers are bundled.
 * @param {import("esbuild").BuildOptions} local - How the local run is bundled.
 * @returns {Record<string, import("esbuild").BuildOptions>}
 */
export function benchBundles(lambda, local) {
  const handler = { ...lambda, entryPoints: { handler: HANDLER } };
  return {
    "dist/bench": {
      ...local,
      entryPoints: [
        "packages/bench/main.ts",
        "packages/bench/handler/dynamodb-process.ts",
        "packages/bench/handler/handler-process.ts",
        "packages/bench/cold-start/probe.ts",
        "packages/bench/local-run/bare-loop.ts",
        "packages/bench/operations/aws-process.ts",
        "packages/bench/operations/bare-process.ts",
        "packages/bench/limits/lambda-process.ts",
        "packages/bench/worst-batches.ts",
      ],
      outbase: "packages/bench",
    },
    "dist/bench/lambda": {
      ...lambda,
      entryPoints: {
        "guide-handler": "packages/bench/handler/guide-handler.ts",
        "bare-client": "packages/bench/cold-start/bare-client.ts",
        "low-level-client": "packages/bench/cold-start/low-level-client.ts",
        "document-client": "packages/bench/cold-start/document-client.ts",
      },
    },
    "dist/bench/unbundled": { ...handler, packages: "external", minify: false },
    "dist/bench/unminified": { ...handler, minify: false },
    "dist/bench/commonjs": { ...handler, format: "cjs", outExtension: { ".js": ".cjs" }, banner: {} },
  };
}
