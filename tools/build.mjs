// Bundles the Lambda handlers, the CDKTF app, the local run, and the CLI with the console's page. `build.mjs app`
// builds only the handlers and the app, and `build.mjs cli` only the CLI and the page. `build.mjs bench` adds the
// benchmarks. `build.mjs package` builds the package for other projects, with the construct, in dist/package.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKAGE_FOLDER, packageManifest } from "./package-manifest.mjs";
import { SCHEMAS, thirdPartyNotices } from "./third-party-notices.mjs";
import { digestOf, isUpToDate, writeStamp } from "./up-to-date.mjs";

try {
  import.meta.resolve("esbuild");
} catch {
  console.error("The packages are not installed here. Run: npm ci");
  process.exit(1);
}

/** Files that the bundles depend on. */
const SOURCES = [
  ...["main.ts", "stacks", "lambda-src", "packages", "tools", "package.json"],
  // The installed packages.
  "node_modules/.package-lock.json",
];

// Bundles are ESM, but parts of the AWS SDK are CommonJS and call require().
const REQUIRE_BANNER =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

// Lambda sets credentials in the environment. Without them, the SDK would import these providers, a quarter of the
// bundle.
const UNUSED_CREDENTIAL_PROVIDERS = [
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-login",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
];

const shared = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };

const esm = {
  ...shared,
  format: "esm",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  banner: { js: REQUIRE_BANNER },
};

const root = JSON.parse(fs.readFileSync("package.json", "utf8"));
const handlers = fs.readdirSync("lambda-src").filter((folder) => fs.existsSync(`lambda-src/${folder}/index.ts`));

const lambda = { ...esm, minify: true, external: UNUSED_CREDENTIAL_PROVIDERS };

const local = {
  ...esm,
  sourcemap: true,
  // dynalite loads modules by file name, including the native module of LevelDB.
  // saxes has no license text that a bundle could contain.
  external: ["dynalite", "saxes"],
  plugins: [thirdPartyNotices],
};

/** @type {Record<string, import("esbuild").BuildOptions>} */
const bundles = {
  "dist/lambda": {
    ...lambda,
    plugins: [thirdPartyNotices],
    entryPoints: Object.fromEntries(handlers.map((name) => [`${name}/index`, `lambda-src/${name}/index.ts`])),
  },
  "dist/app": {
    ...shared,
    entryPoints: ["main.ts"],
    // The app is bundled because compiling it at run time (with tsx) takes three times as long: docs/benchmarks.md. zod
    // also loads faster in a bundle. CDKTF is not bundled because it loads modules by file name.
    external: ["cdktf", "constructs", "@cdktf/*"],
    sourcemap: true,
  },
  "dist/local": {
    ...local,
    entryPoints: { main: "packages/local-run/main.ts", "lambda-runtime": "packages/local-aws/lambda/runtime.ts" },
  },
  "dist/cli": {
    ...esm,
    minify: true,
    plugins: [thirdPartyNotices],
    define: { VERSION: JSON.stringify(root.version) },
    // The package's command is main.mjs itself.
    banner: { js: `#!/usr/bin/env node\n${REQUIRE_BANNER}` },
    // Each command is a separate file, so that --help loads none of them.
    splitting: true,
    entryPoints: { main: "packages/cli/main.ts" },
    chunkNames: "[name]-[hash]",
  },
  "dist/console": {
    bundle: true,
    platform: "browser",
    // The first versions that support light-dark() in CSS.
    target: ["chrome123", "firefox120", "safari17.5"],
    format: "esm",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
    plugins: [thirdPartyNotices],
    loader: { ".html": "copy", ".svg": "copy" },
    entryPoints: ["main.tsx", "style.css", "index.html", "icon.svg"].map((name) => `packages/console/page/${name}`),
  },
  // The construct and publishEvent, for projects that import them.
  "dist/package/dist": {
    ...shared,
    entryPoints: { index: "stacks/package.ts", publish: "stacks/publish.ts" },
    external: ["cdktf", "constructs", "@cdktf/*", "@aws-sdk/*", "zod"],
  },
  "dist/bench": {
    ...local,
    entryPoints: [
      "packages/bench/main.ts",
      "packages/bench/handler-process.ts",
      "packages/bench/local-run/baseline-consumer.ts",
      "packages/bench/services/server-process.ts",
      "packages/bench/operations/aws-process.ts",
      "packages/bench/operations/baseline-process.ts",
      "packages/bench/limits/worst-batches.ts",
    ],
    outbase: "packages/bench",
  },
  "dist/bench/lambda": {
    ...lambda,
    entryPoints: ["packages/bench/handler/baseline-handler.ts"],
  },
};

const [, , target] = process.argv;
const synth = ["dist/lambda", "dist/app"];
const operator = ["dist/cli", "dist/console"];
const all = [...synth, "dist/local", ...operator];
/** Bundles that the package also contains. */
const packed = ["dist/lambda", ...operator];
const targets = {
  app: synth,
  cli: operator,
  package: [...packed, "dist/package/dist"],
  bench: [...all, "dist/bench", "dist/bench/lambda"],
};
const wanted = targets[target] ?? all;
// Old files may stay in dist/cli, whose names contain hashes: a running command may still load them.
const onlyNewFiles = wanted.filter((outdir) => outdir !== "dist/cli");
const stamp = `dist/.built-${target in targets ? target : "all"}.json`;
const inputs = digestOf(SOURCES, { wanted });
if (target === "package" || !isUpToDate(stamp, inputs, onlyNewFiles)) await buildAll();

async function buildAll() {
  dumpSchemas();
  const { build, stop } = await import("esbuild");
  const outputs = await Promise.all(wanted.map((outdir) => build({ ...bundles[outdir], outdir, write: false })));
  await stop(); // Ends esbuild's child process, which would keep running.
  const files = outputs.flatMap(({ outputFiles }) => outputFiles);
  try {
    replaceFiles(files, onlyNewFiles);
  } catch (error) {
    if (error.syscall === undefined) throw error;
    console.error(
      `Cannot write the bundles to dist: ${error.message}. Make the folder writable, or end the program that has the file open.`,
    );
    process.exit(1);
  }
  if (target === "package") writePackage(files);
  writeStamp(stamp, inputs, [SCHEMAS, ...files.map(({ path }) => relative(".", path))]);
}

/** Writes the schemas of AWS's APIs, which the local run and its tests read. */
function dumpSchemas() {
  const { status } = spawnSync(process.execPath, [join(dirname(SCHEMAS), "dump-schemas.mjs")], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

/** Adds everything but the construct's bundle to the package's folder. */
function writePackage(files) {
  const bundled = files
    .map(({ path, contents }) => [relative(".", path), contents])
    .filter(([path]) => packed.some((folder) => path.startsWith(join(folder, sep))));
  const others = [
    ["package.json", `${JSON.stringify(packageManifest(root), null, 2)}\n`],
    ["README.md", fs.readFileSync("stacks/README.md")],
    ["LICENSE", fs.readFileSync("LICENSE")],
  ];
  for (const [name, contents] of [...bundled, ...others]) {
    const path = join(PACKAGE_FOLDER, name);
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.writeFileSync(path, contents);
  }
  declareTypes(join(PACKAGE_FOLDER, "dist/types"));
}

function declareTypes(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.package.json"], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
  // Users of the package do not have its workspaces, so imports must refer to the declarations in this folder.
  for (const file of fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
    const path = join(folder, file);
    const toFile = (_, module) => `"${relative(dirname(path), join(folder, "packages", module)).replaceAll(sep, "/")}"`;
    fs.writeFileSync(path, fs.readFileSync(path, "utf8").replace(/"@event-pipeline\/([^"]+)"/g, toFile));
  }
}

/**
 * Replaces each file atomically, then deletes all other files in `folders`. Meanwhile, other processes may read the
 * files: a plan that zips dist/lambda, a second build, or a running command. Unchanged files are not replaced, because
 * Windows cannot replace a file that another program has open.
 */
function replaceFiles(files, folders) {
  fs.mkdirSync("dist", { recursive: true });
  // Next to dist/lambda, not in it: a plan zips everything in that folder.
  const beside = fs.mkdtempSync("dist/.build-");
  try {
    const isEntry = ({ path }) => basename(path) === "main.mjs";
    // Entry points come last, after the files that they load.
    for (const { path, contents } of [...files].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
      if (isSame(path, contents)) continue;
      const file = join(beside, basename(path));
      fs.writeFileSync(file, contents);
      fs.mkdirSync(dirname(path), { recursive: true });
      fs.renameSync(file, path);
    }
  } finally {
    fs.rmSync(beside, { recursive: true, force: true });
  }
  const made = new Set(files.map(({ path }) => resolve(path)));
  for (const folder of folders) deleteOthers(resolve(folder), made);
}

function isSame(path, contents) {
  try {
    return fs.readFileSync(path).equals(contents);
  } catch {
    // The file does not exist, or the path is not a file. In the second case, renaming reports the error.
    return false;
  }
}

function deleteOthers(folder, made) {
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) deleteOthers(path, made);
      else if (!made.has(path)) fs.rmSync(path, { force: true });
    }
    fs.rmdirSync(folder);
  } catch (error) {
    // The folder contains new files, or another build has already deleted it.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code)) throw error;
  }
}
