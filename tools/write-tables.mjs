// npm run docs: updates the generated tables in the documents.
import { writeFileSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: ["tools/tables.ts"],
  outfile: "dist/tables.mjs",
  bundle: true,
  platform: "node",
  format: "esm",
  // Workspace packages are bundled, because Node.js cannot import their TypeScript.
  external: ["@cdktf/*", "cdktf", "constructs", "yaml", "zod"],
  logLevel: "warning",
});
const { TABLES, withTable } = await import("../dist/tables.mjs");
for (const file of Object.keys(TABLES)) writeFileSync(file, withTable(file));
