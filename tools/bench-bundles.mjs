/**
 * Returns the bundles of `npm run bench`.
 *
 * @param {import("esbuild").BuildOptions} lambda - Options of the handlers' bundles.
 * @param {import("esbuild").BuildOptions} local - Options of the local run's bundle.
 * @returns {Record<string, import("esbuild").BuildOptions>}
 */
export function benchBundles(lambda, local) {
  return {
    "dist/bench": {
      ...local,
      entryPoints: [
        "packages/bench/main.ts",
        "packages/bench/handler-process.ts",
        "packages/bench/local-run/bare-loop.ts",
        "packages/bench/operations/aws-process.ts",
        "packages/bench/operations/bare-process.ts",
        "packages/bench/limits/worst-batches.ts",
      ],
      outbase: "packages/bench",
    },
    "dist/bench/lambda": {
      ...lambda,
      entryPoints: ["packages/bench/handler/bare-handler.ts"],
    },
  };
}
