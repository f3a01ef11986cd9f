// Runs a job of examples/deploy.yml in a new clone with the job's environment, as GitHub Actions would. The script
// .ci/terraform replaces Terraform. Usage: node .ci/workflow.mjs JOB
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parse } from "yaml";

/** Values for the repository variables. */
const VARS = {
  EVENT_PIPELINE_NAME: "alice-prod",
  EVENT_PIPELINE_REGION: "eu-central-1",
  EVENT_PIPELINE_STATE_BUCKET: "alice-state",
  EVENT_PIPELINE_ALLOWED_ACCOUNT_IDS: "123456789012",
};

/** The last Terraform command of each job, in the stage's folder. */
const EXPECTED_COMMANDS = { plan: /^stages\/prod: plan /m, apply: /^stages\/prod: apply /m };

const workflow = parse(readFileSync("examples/deploy.yml", "utf8"));
const [, , name] = process.argv;
const job = workflow.jobs[name];
if (!job)
  throw new Error(
    `Unknown job ${name}: expected a job in examples/deploy.yml (${Object.keys(workflow.jobs).join(", ")}).`,
  );

const folder = mkdtempSync(join(tmpdir(), "workflow-"));
try {
  run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(folder) {
  const [clone, bin, log] = ["clone", "bin", "terraform.log"].map((part) => join(folder, part));
  execFileSync("git", ["clone", "--quiet", ".", clone]);
  // The checkout of a gate may have another branch, or none.
  execFileSync("git", ["-C", clone, "update-ref", "refs/remotes/origin/main", "HEAD"]);
  mkdirSync(bin);
  symlinkSync(resolve(".ci/terraform"), join(bin, "terraform"));
  const PATH = [bin, process.env.PATH].join(delimiter);
  // An npx that runs this script sets npm_config_package. Each npx in a step would run that package instead.
  const { npm_config_package: _, ...environment } = process.env;
  const runner = { ...environment, PATH, CI: "true", GITHUB_ACTIONS: "true", TERRAFORM_STAND_IN_LOG: log };
  for (const step of job.steps) {
    if (step.uses) {
      console.error(`-- skipped: ${step.uses}`);
      continue;
    }
    console.error(`-- ${step.run}`);
    const env = { ...runner, ...filledIn(workflow.env), ...filledIn(job.env), ...filledIn(step.env) };
    // GitHub's default shell for a `run:` step.
    const { status } = spawnSync("bash", ["-e", "-c", step.run], { cwd: clone, env, stdio: "inherit" });
    if (status !== 0) throw new Error(`${step.run} in the job ${name} exited with ${status}.`);
  }
  const expected = EXPECTED_COMMANDS[name];
  if (!expected) return;
  const commands = readFileSync(log, "utf8");
  if (!expected.test(commands))
    throw new Error(`The job ${name} did not run the Terraform command ${expected}:\n${commands}`);
}

/**
 * Replaces the expressions in environment variables.
 *
 * @throws Error for an expression whose value is not in VARS.
 */
function filledIn(env = {}) {
  return Object.fromEntries(
    Object.entries(env).map(([key, text]) => [
      key,
      String(text).replace(/\$\{\{\s*(.*?)\s*\}\}/g, (expression, inner) => {
        const value = VARS[inner.replace(/^vars\./, "")];
        if (value === undefined)
          throw new Error(`${key} contains ${expression}, which has no value in VARS in .ci/workflow.mjs.`);
        return value;
      }),
    ]),
  );
}
