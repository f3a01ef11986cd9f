import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

// Registers the tests of each example, as Jest would if the example were a file in this folder.
const readme = readFileSync(join(__dirname, "../README.md"), "utf8");
for (const [, example = ""] of readme.matchAll(/^```ts\n(.*?)^```$/gms)) {
  const { code } = transformSync(example, { loader: "ts", format: "cjs", target: "es2022" });
  new Function("require", code)(require);
}
