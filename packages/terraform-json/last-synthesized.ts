import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { StackJsonError } from "./stack-json";

/**
 * Returns the folder of the stage that was synthesized last, from cdktf's manifest.
 *
 * @throws StackJsonError when nothing was synthesized.
 */
export function lastSynthesized(outdir = process.env.CDKTF_OUTDIR ?? "cdktf.out"): string {
  const file = join(outdir, "manifest.json");
  try {
    return resolve(outdir, JSON.parse(readFileSync(file, "utf8")).stacks["event-pipeline"].workingDirectory);
  } catch (cause) {
    throw new StackJsonError(`Cannot read the manifest ${file}. Create it with: npm run synth`, {
      cause,
    });
  }
}
