import { stageWith, synthStack } from "../helpers/synthesized";
import { managed } from "./harness/plan";
import { withoutResources } from "./harness/stack-file";
import { expectAllCalled } from "./harness/uncalled-actions";
import { Workspace } from "./harness/workspace";

const ADDRESSES = ["aws_kms_alias.events", "aws_kms_key.events"];

describe("a key that kmsKey: create made", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.open("kept-key");
  });
  afterAll(() => workspace?.close());

  test("is applied", async () => {
    const { resource, data } = synthStack({ stage: stageWith({ kmsKey: "create" }) });
    const { aws_kms_key = {}, aws_kms_alias = {} } = resource;
    const { aws_caller_identity = {} } = data;
    workspace.use({
      ...withoutResources(workspace.stack),
      resource: { aws_kms_key, aws_kms_alias },
      data: { aws_caller_identity },
    });
    await workspace.terraform.init();
    await workspace.terraform.plan();
    const { values } = await workspace.terraform.apply();
    expect(values?.root_module.resources?.map(({ address }) => address)).toEqual(expect.arrayContaining(ADDRESSES));
  });

  test("is forgotten, not destroyed, once the option is taken away", async () => {
    const { removed = [] } = synthStack();
    workspace.use({ ...withoutResources(workspace.stack), removed });
    const plan = await workspace.terraform.plan();
    expect(managed(plan).map(({ address, change }) => [address, ...change.actions])).toEqual(
      ADDRESSES.map((address) => [address, "forget"]),
    );
  });

  test("needed every action that docs/permissions.md allows with a key, but for those with a reason", () => {
    expectAllCalled(workspace.calls, ["plan-key", "deploy-key"]);
  });
});
