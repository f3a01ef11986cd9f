import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { InvalidOptionsError } from "./stacks/check-options";
import { EventPipelineStack } from "./stacks/event-pipeline-stack";
import { readContext } from "./stacks/read-context";
import { readStage } from "./stacks/read-options";

const STACK = "event-pipeline";

class MissingBundleError extends Error {}

function main(): void {
  const stage = readStage(readContext("cdktf.json"), process.env);
  const handlers = ["event-processor", ...Object.values(stage.subscribers).map(({ handler }) => handler)];
  const missing = handlers.filter((handler) => !existsSync(join("dist", "lambda", handler, "index.mjs")));
  if (missing.length > 0) {
    throw new MissingBundleError(
      `The bundle of ${missing.join(", ")} is missing. Make it from lambda-src/<handler>/index.ts with: npm run build`,
    );
  }
  const app = new App();
  new EventPipelineStack(app, STACK, { projectRoot: relative(join(app.outdir, "stacks", STACK), "."), stage });
  app.synth();
  if (process.env.CDKTF_CONTEXT_JSON === undefined) printWarnings(app);
}

/** The cdktf CLI, which alone sets that variable, prints them itself. */
function printWarnings({ manifest }: App): void {
  const annotations = Object.values(manifest.stacks).flatMap((stack) => stack.annotations);
  for (const { message } of annotations) console.error(`Warning: ${message}`);
}

try {
  main();
} catch (error) {
  // Both say what to do; a stack trace would hide it.
  if (!(error instanceof InvalidOptionsError || error instanceof MissingBundleError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
