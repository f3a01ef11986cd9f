// npm run diff, deploy and destroy: runs the cdktf CLI with the stage's folder as its output folder. Each stage has its
// own manifest there, so that no command reads another stage's output.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { checkEndpoints, checkState } from "./stage-checks.mjs";

const require = createRequire(import.meta.url);
const [, , cli, ...args] = process.argv;
const file = cliFile();
const { context, output = "cdktf.out" } = readConfig();
const stage = process.env.EVENT_PIPELINE_STAGE ?? context?.stage;
const stages = context?.stages ?? {};
if (!Object.hasOwn(stages, stage)) {
  const names = Object.keys(stages).join(", ") || "none";
  end(
    `Unknown stage ${JSON.stringify(stage)}. The stages in cdktf.json are: ${names}. Select one with EVENT_PIPELINE_STAGE.`,
  );
}
process.env.EVENT_PIPELINE_STAGE = stage;
process.env.CDKTF_OUTPUT = join(process.env.CDKTF_OUTPUT || output, "stages", stage);
// Otherwise, cdktf sends usage data, and Terraform checks for its latest version.
process.env.CHECKPOINT_DISABLE ||= "1";
const isHelp = args.length === 2 && /^(?:-h|--help|--version)$/.test(args[1]);
if (!isHelp) {
  await checkEndpoints({ stage, isForEmulator: stages[stage].emulator === true }).catch(({ message }) => end(message));
  if (args[0] !== "diff") await checkState({ cli: file, args }).catch(({ message }) => end(message));
}
// The CLI runs in this process, so that it has the terminal and receives signals.
process.argv = [process.execPath, file, ...args];
require(file);

function cliFile() {
  try {
    const manifest = require.resolve(`${cli}-cli/package.json`);
    return join(dirname(manifest), require(manifest).bin[cli]);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return end("The packages are not installed here. Run: npm ci");
  }
}

function readConfig() {
  try {
    return JSON.parse(readFileSync("cdktf.json", "utf8"));
  } catch (error) {
    return end(`Cannot read cdktf.json: ${error.message}`);
  }
}

function end(message) {
  console.error(message);
  process.exit(2);
}
