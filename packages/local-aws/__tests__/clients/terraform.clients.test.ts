import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "@event-pipeline/testing/child";
import { requireTools } from "@event-pipeline/testing/tools";
import { type LocalAws, startLocalAws } from "../../local-aws";

/** The AWS provider waits 25 s for each queue, and longer until it is gone. */
const COMMAND_LIMIT_MS = 200_000;
const TEST_LIMIT_MS = 3 * COMMAND_LIMIT_MS;

let aws: LocalAws;
let folder: string;

beforeAll(async () => {
  requireTools(["terraform"], { by: "test:clients" });
  aws = await startLocalAws();
  folder = mkdtempSync(join(tmpdir(), "clients-terraform-"));
  cpSync(join(__dirname, "terraform"), folder, { recursive: true });
});

afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs Terraform with no setting but the endpoint. */
async function terraform(command: string, ...options: string[]) {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
  const args = [command, "-input=false", "-no-color", ...options];
  return new Child("terraform", args, { cwd: folder, env }).finished(COMMAND_LIMIT_MS);
}

test(
  "Terraform applies resources of all services, has nothing to change then, and destroys them",
  async () => {
    expect(await terraform("init")).toMatchObject({ code: 0 });
    const applied = await terraform("apply", "-auto-approve");
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining("Resources: 11 added") });
    // The exit code is 2 if there are changes.
    expect(await terraform("plan", "-detailed-exitcode")).toMatchObject({ code: 0 });
    const destroyed = await terraform("destroy", "-auto-approve");
    expect(destroyed).toMatchObject({ code: 0, stdout: expect.stringContaining("Resources: 11 destroyed") });
    expect([...aws.sqs.queues()]).toEqual([]);
    expect(aws.iam.all()).toEqual([]);
    expect(aws.logs.all()).toEqual([]);
  },
  TEST_LIMIT_MS,
);
