// What `npm run bench` runs, and what it imports to compare: the handler and
// its alternatives, made with the options of the deployed bundle but for one.

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
        "bench/main.ts",
        "bench/handler/dynamodb-process.ts",
        "bench/handler/handler-process.ts",
        "bench/cold-start/probe.ts",
        "bench/local-run/bare-loop.ts",
        "bench/operations/aws-process.ts",
        "bench/operations/bare-process.ts",
        "bench/limits/lambda-process.ts",
        "bench/worst-batches.ts",
      ],
      outbase: "bench",
    },
    "dist/bench/lambda": {
      ...lambda,
      entryPoints: {
        "guide-handler": "bench/handler/guide-handler.ts",
        "bare-client": "bench/cold-start/bare-client.ts",
        "low-level-client": "bench/cold-start/low-level-client.ts",
        "document-client": "bench/cold-start/document-client.ts",
      },
    },
    "dist/bench/unbundled": { ...handler, packages: "external", minify: false },
    "dist/bench/unminified": { ...handler, minify: false },
    "dist/bench/commonjs": { ...handler, format: "cjs", outExtension: { ".js": ".cjs" }, banner: {} },
  };
}
