import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { STATE_BUCKET } from "./harness/deployer-calls";
import { NAME } from "./harness/environment";
import type { StackFile } from "./harness/stack-file";
import { Workspace } from "./harness/workspace";

describe("the state in S3", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.open("state");
    const s3 = new S3Client({
      endpoint: workspace.moto.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: STATE_BUCKET }));
  });
  // Closing it compares Terraform's calls with the policies.
  afterAll(() => workspace?.close());

  test("is read and locked by a plan, and written by an apply", async () => {
    const { terraform } = synthStack({ stage: stageWith({ name: NAME, stateBucket: STATE_BUCKET }) }) as StackFile;
    const { backend = {} } = terraform ?? {};
    // A built-in resource needs no provider.
    workspace.use({ terraform: { backend }, resource: { terraform_data: { any: {} } } });
    await workspace.terraform.init({ use_path_style: "true" });
    await workspace.terraform.plan();
    await workspace.terraform.apply();
    await workspace.terraform.plan();
  });

  test("needed every action that docs/permissions.md allows for it", () => {
    expect(workspace.calls.uncalled(["plan-state", "deploy-state"])).toEqual([]);
  });
});
