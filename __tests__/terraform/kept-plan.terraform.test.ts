import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Child } from "@event-pipeline/testing/child";
import { copyInstalledProject, copyProject } from "@event-pipeline/testing/project-copy";
import { commandsOf } from "../helpers/doc-commands";
import { fitToProviders, savedVersions } from "./harness/at-hand";
import { NAME } from "./harness/environment";
import { testRoot } from "./harness/test-root";
import { Workspace } from "./harness/workspace";

const DOCUMENT = "docs/deploy.md";
const STATE_BUCKET = "state-of-kept-plan";
const FUNCTION = "aws_lambda_function.event_processor";
const STAGE_FOLDER = join("cdktf.out", "stages", "prod");
const LIMIT_MS = 5 * 60_000;

/** Returns the documented commands of a job. */
function commandsOfJob(job: string): string[] {
  return commandsOf(DOCUMENT, [])
    .filter(({ heading, inBlock }) => inBlock && heading.startsWith(`### The job that ${job}`))
    .map(({ text }) => text);
}

describe(`a plan applied in another checkout with the commands of ${DOCUMENT}`, () => {
  const [planning, applying] = [commandsOfJob("plans"), commandsOfJob("applies")];
  const [first, second] = ["planned", "applied"].map((clone) => join(testRoot(), clone)) as [string, string];
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  let workspace: Workspace;
  beforeAll(async () => {
    // Used only for its moto.
    workspace = await Workspace.open("kept-plan");
    mkdirSync(first);
    copyInstalledProject(first);
    mkdirSync(second);
    copyProject(second);
    const s3 = new S3Client({ ...awsConfig(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: STATE_BUCKET }));
  });
  afterAll(() => workspace?.close());

  const awsConfig = () => ({ endpoint: workspace.moto.endpoint, region: "us-east-1", credentials });

  async function run(command: string, cwd: string): Promise<void> {
    const { TF_VAR_name: _isAnOptionHere, ...environment } = workspace.environment;
    const env = {
      ...environment,
      // Bypasses the recording of one Terraform command's calls: a job runs several.
      AWS_ENDPOINT_URL: workspace.moto.endpoint,
      EVENT_PIPELINE_NAME: NAME,
      EVENT_PIPELINE_STATE_BUCKET: STATE_BUCKET,
      // The function, which needs a zip, and its dependencies.
      TF_CLI_ARGS_plan: `-target=${FUNCTION}`,
    };
    const { code, stdout, stderr } = await new Child("bash", ["-euc", command], { cwd, env }).finished(LIMIT_MS);
    if (code !== 0) throw new Error(`${command} ended with ${code}:\n${stdout}${stderr}`);
  }

  test("the job that plans", async () => {
    const [install, synth, ...terraform] = planning;
    // npm ci is not run: the installed packages of this project are linked.
    expect(install).toBe("npm ci");
    await run(String(synth), first);
    // Without the archive provider, its zips are created here, in the same folder.
    await fitToProviders(join(first, STAGE_FOLDER), savedVersions(testRoot()));
    for (const command of terraform) await run(command, first);
  });

  test("the job that applies, with nothing but the artifact", async () => {
    renameSync(join(first, "kept-plan.tgz"), join(second, "kept-plan.tgz"));
    rmSync(first, { recursive: true });
    for (const command of applying) await run(command, second);
  });

  test("the function has the code that was planned", async () => {
    const zip = readFileSync(join(second, STAGE_FOLDER, "event-processor.zip"));
    const { CodeSha256 } = await new LambdaClient(awsConfig()).send(
      new GetFunctionConfigurationCommand({ FunctionName: `${NAME}-event-processor` }),
    );
    expect(CodeSha256).toBe(createHash("sha256").update(zip).digest("base64"));
  });
});
