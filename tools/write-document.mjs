// Writes what is made from code into a document: write-document.mjs MODULE DOCUMENT. The module exports one function,
// from the document's text to what it should be.
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const [, , source, document] = process.argv;
const bundle = `dist/${basename(source, ".ts")}.mjs`;

await build({
  entryPoints: [source],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  // Workspace packages are bundled, because Node.js cannot import their TypeScript.
  external: ["@cdktf/*", "cdktf", "constructs", "yaml", "zod"],
  logLevel: "warning",
});
const [rewritten] = Object.values(await import(`../${bundle}`));
writeFileSync(document, rewritten(readFileSync(document, "utf8")));
