// Bundles what runs outside this project's node_modules: the Lambda handlers,
// as AWS gets them, and the local run.
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
const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  banner: { js: REQUIRE_BANNER },
  logLevel: "warning",
};

const handlers = readdirSync("lambda-src").filter((folder) => existsSync(`lambda-src/${folder}/index.ts`));

rmSync("dist", { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: Object.fromEntries(handlers.map((name) => [`${name}/index`, `lambda-src/${name}/index.ts`])),
    outdir: "dist/lambda",
    minify: true,
    external: UNUSED_CREDENTIAL_PROVIDERS,
  }),
  build({
    ...shared,
    entryPoints: { main: "local/main.ts", "lambda-runtime": "local/lambda/runtime.ts" },
    outdir: "dist/local",
    sourcemap: true,
    // dynalite finds its parts, native LevelDB among them, by file name.
    external: ["dynalite"],
    alias: { "node:sqlite": "./local/aws/node-sqlite.ts" },
  }),
]);
