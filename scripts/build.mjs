// Bundles the handlers as AWS gets them, the app that synthesizes the stack,
// and the local run. `build.mjs app` leaves out the local run, which synth does
// not need.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

// Bundles are ESM, but parts of the AWS SDK are CommonJS and call require().
const REQUIRE_BANNER =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

// A function has its credentials in its environment. The SDK's other sources,
// which it imports only where there are none, are a quarter of the bundle.
const UNUSED_CREDENTIAL_PROVIDERS = [
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-login",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
];

/** @type {import("esbuild").BuildOptions} */
const shared = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };

/** @type {import("esbuild").BuildOptions} */
const esm = {
  ...shared,
  format: "esm",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  banner: { js: REQUIRE_BANNER },
};

const handlers = readdirSync("lambda-src").filter((folder) => existsSync(`lambda-src/${folder}/index.ts`));

/** @type {Record<string, import("esbuild").BuildOptions>} */
const bundles = {
  "dist/lambda": {
    ...esm,
    entryPoints: Object.fromEntries(handlers.map((name) => [`${name}/index`, `lambda-src/${name}/index.ts`])),
    minify: true,
    external: UNUSED_CREDENTIAL_PROVIDERS,
  },
  "dist/app": {
    ...shared,
    entryPoints: ["main.ts"],
    // Bundled, because compiling on the way (tsx) takes three times as long; see docs/benchmarks.md.
    packages: "external",
    sourcemap: true,
  },
  "dist/local": {
    ...esm,
    entryPoints: { main: "local/main.ts", "lambda-runtime": "local/lambda/runtime.ts" },
    sourcemap: true,
    // dynalite finds its parts, native LevelDB among them, by file name.
    external: ["dynalite"],
    alias: { "node:sqlite": "./local/aws/node-sqlite.ts" },
  },
};

const wanted = Object.entries(bundles).filter(([outdir]) => process.argv[2] !== "app" || outdir !== "dist/local");
await Promise.all(
  wanted.map(([outdir, options]) => {
    rmSync(outdir, { recursive: true, force: true });
    return build({ ...options, outdir });
  }),
);
