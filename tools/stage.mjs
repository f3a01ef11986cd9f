// npm run diff, deploy and destroy: runs the cdktf CLI with the stage's folder as its output folder. Each stage has its
// own manifest there, so that no command reads another stage's output.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const [, , cli, ...args] = process.argv;
const file = cliFile();
const { context, output = "cdktf.out" } = readConfig();
const stage = process.env.EVENT_PIPELINE_STAGE ?? context?.stage;
const stages = Object.keys(context?.stages ?? {});
if (!stages.includes(stage)) {
  const names = stages.join(", ") || "none";
  end(
    `Unknown stage ${JSON.stringify(stage)}. The stages in cdktf.json are: ${names}. Select one with EVENT_PIPELINE_STAGE.`,
  );
}
process.env.EVENT_PIPELINE_STAGE = stage;
process.env.CDKTF_OUTPUT = join(process.env.CDKTF_OUTPUT || output, "stages", stage);
// Otherwise, cdktf sends usage data, and Terraform checks for its latest version.
process.env.CHECKPOINT_DISABLE ||= "1";
if (args[0] !== "diff" && !args.some((arg) => /^(?:-h|--help|--version)$/.test(arg))) checkDeployment();
// The CLI runs in this process, so that it has the terminal and receives signals.
process.argv = [process.execPath, file, ...args];
require(file);

/**
 * Ends with an error if the state's pipeline is in another account or region than the credentials and the endpoint.
 * `terraform destroy` would not find its resources there, and would only warn before it removes them from the state. The
 * plan of `cdktf deploy` fails, but cdktf does not print why. This plan contains only the resource with the check.
 */
function checkDeployment() {
  const target = "-target=terraform_data.events_deployment";
  const given = process.env.TF_CLI_ARGS_plan;
  const env = { ...process.env, TF_CLI_ARGS_plan: given ? `${given} ${target}` : target };
  const notOfDiff = /^--(?:auto-approve|ignore-missing-stack-dependencies|parallelism|outputs-file(?:-.*)?)(?:=.*)?$/;
  const isValue = (index) => /^--(?:parallelism|outputs-file)$/.test(args[index - 1]);
  const shared = args.slice(1).filter((arg, index) => !notOfDiff.test(arg) && !isValue(index + 1));
  console.error("Checking that the state belongs to this account and region.");
  const diff = spawnSync(process.execPath, [file, "diff", ...shared], { env, encoding: "utf8" });
  if (diff.status === 0) return;
  process.stderr.write(diff.stdout + diff.stderr);
  process.exit(diff.status ?? 1);
}

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
