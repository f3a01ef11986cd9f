import { existsSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { EventPipelineStack } from "./stacks/event-pipeline-stack";
import { InvalidOptionsError } from "./stacks/options/invalid-options-error";
import { readContext } from "./stacks/options/read-context";
import { readStage } from "./stacks/options/read-stage";

const STACK = "event-pipeline";
/** In cdktf's output folder. */
const STAGES_FOLDER = "stages";

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
  const folder = join(app.outdir, STAGES_FOLDER, stage.name);
  const stack = new EventPipelineStack(app, STACK, { projectRoot: relative(folder, "."), stage });
  placeIn(stage.name, app, stack);
  app.synth();
  if (process.env.CDKTF_CONTEXT_JSON === undefined) printWarnings(app);
}

/**
 * Gives the stage a folder of its own, beside cdktf's `stacks`: each stage has
 * its own backend and provider lock, and the CLI deletes every folder in
 * `stacks` that a synth did not make, under a running apply too.
 */
function placeIn(stage: string, { outdir, manifest }: App, stack: EventPipelineStack): void {
  mkdirSync(join(outdir, STAGES_FOLDER), { recursive: true });
  const workingDirectory = join(STAGES_FOLDER, stage);
  manifest.stacks[STACK] = {
    ...manifest.forStack(stack),
    workingDirectory,
    synthesizedStackPath: join(workingDirectory, manifest.stackFileName),
  };
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
