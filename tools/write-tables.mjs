// npm run docs: updates the generated tables in the documents.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { build } from "esbuild";

spawnSync(process.execPath, ["packages/local-aws/protocols/dump-schemas.mjs"], { stdio: "inherit" });
await build({
  entryPoints: ["tools/tables.ts"],
  outfile: "dist/tables.mjs",
  bundle: true,
  platform: "node",
  format: "esm",
  // Workspace packages are bundled, because Node.js cannot import their TypeScript.
  external: ["@cdktf/*", "cdktf", "constructs", "dynalite", "yaml", "zod"],
  logLevel: "warning",
});
const { TABLES, withTables } = await import("../dist/tables.mjs");
for (const file of Object.keys(TABLES)) writeFileSync(file, withTables(file));
