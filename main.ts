import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { StageLockedError } from "@event-pipeline/stage-output/stage-lock";
import { isRunByCdktf, OutputFolderError, writeStage } from "@event-pipeline/stage-output/write-stage";
import { App } from "cdktf";
import { EventPipelineStack } from "./stacks/event-pipeline-stack";
import { MissingBundleError } from "./stacks/handler-bundle";
import { InvalidOptionsError } from "./stacks/options/invalid-options-error";
import { readContext } from "./stacks/options/read-context";
import { readStage } from "./stacks/options/read-stage";

/** Errors whose messages tell the user what to do. They are printed without a stack trace. */
const USER_ERRORS = [InvalidOptionsError, MissingBundleError, OutputFolderError, StageLockedError];

/** The folder of the contracts and the mapping. */
const EVENTS_FOLDER = "events";

/** Returns the folder; undefined if it has no contracts and no mapping. */
function eventsFolder(): string | undefined {
  const files = existsSync(EVENTS_FOLDER) ? readdirSync(EVENTS_FOLDER) : [];
  return files.some((name) => name.endsWith(".json")) ? EVENTS_FOLDER : undefined;
}

function main(): void {
  const stage = readStage(readContext("cdktf.json"), process.env);
  const handlers = ["event-processor", ...Object.values(stage.subscribers).map(({ handler }) => handler)];
  const missing = handlers.filter((handler) => !existsSync(join("dist", "lambda", handler, "index.mjs")));
  if (missing.length > 0) {
    throw new MissingBundleError(
      `Missing handler bundles: ${missing.join(", ")}. Build them from lambda-src/<handler>/index.ts with: npm run build`,
    );
  }
  writeStage(process.env.CDKTF_OUTDIR || "cdktf.out", stage.name, (outdir, folder) => {
    const app = new App({ outdir });
    new EventPipelineStack(app, "event-pipeline", {
      projectRoot: relative(folder, "."),
      stage,
      eventsFolder: eventsFolder(),
    });
    app.synth();
    // The cdktf CLI prints warnings itself.
    if (!isRunByCdktf(process.env)) printWarnings(app);
  });
}

function printWarnings({ manifest }: App): void {
  const annotations = Object.values(manifest.stacks).flatMap((stack) => stack.annotations);
  for (const { message } of annotations) console.error(`Warning: ${message}`);
}

try {
  main();
} catch (error) {
  if (!USER_ERRORS.some((type) => error instanceof type)) throw error;
  console.error((error as Error).message);
  process.exitCode = 2;
}
