import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { App } from "cdktf";
import { EventPipelineStack } from "./stacks/event-pipeline-stack";

const STACK = "event-pipeline";
const BUNDLE = join("dist", "lambda", "event-processor", "index.mjs");

if (!existsSync(BUNDLE)) {
  console.error(`The handler's bundle ${BUNDLE} is missing. Make it with: npm run build`);
  process.exit(1);
}

const app = new App();
new EventPipelineStack(app, STACK, { projectRoot: relative(join(app.outdir, "stacks", STACK), ".") });
app.synth();
