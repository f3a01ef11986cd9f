// Writes the table of options into docs/configuration.md: npm run docs:options.
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const DOCUMENT = "docs/configuration.md";
const BUNDLE = "dist/options-table.mjs";

await build({
  entryPoints: ["scripts/options-table.ts"],
  outfile: BUNDLE,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "warning",
});
const { withOptionsTable } = await import(`../${BUNDLE}`);
writeFileSync(DOCUMENT, withOptionsTable(readFileSync(DOCUMENT, "utf8")));
