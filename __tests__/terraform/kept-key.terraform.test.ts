import { at, type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { type AttributeChange, managed, updatesInPlace } from "./harness/plan";
import { withoutResources } from "./harness/stack-file";
import { expectAllCalled } from "./harness/uncalled-actions";
import { Workspace } from "./harness/workspace";

const ADDRESSES = ["aws_kms_alias.events", "aws_kms_key.events"];

/** The table without the policies it depends on, and the guard that the key depends on. */
function tableAndGuardOf(stack: Synthesized) {
  const { depends_on: _policies, ...table } = at(stack, "aws_dynamodb_table.events");
  const { aws_caller_identity = {} } = stack.data;
  const { terraform_data = {} } = stack.resource;
  return { resource: { aws_dynamodb_table: { events: table }, terraform_data }, data: { aws_caller_identity } };
}

describe("a key that kmsKey: create made, with the table under it", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.open("kept-key");
  });
  afterAll(() => workspace?.close());

  test("is applied", async () => {
    const stack = synthStack({ stage: stageWith({ kmsKey: "create" }) });
    const { aws_kms_key = {}, aws_kms_alias = {} } = stack.resource;
    const { resource, data } = tableAndGuardOf(stack);
    workspace.use({
      ...withoutResources(workspace.stack),
      resource: { aws_kms_key, aws_kms_alias, ...resource },
      data,
    });
    await workspace.terraform.init();
    await workspace.terraform.plan();
    const { values } = await workspace.terraform.apply();
    expect(values?.root_module.resources?.map(({ address }) => address)).toEqual(expect.arrayContaining(ADDRESSES));
  });

  describe("once the option is taken away", () => {
    let updates: AttributeChange[];

    test("is forgotten, not destroyed", async () => {
      const stack = synthStack();
      const { removed = [] } = stack;
      workspace.use({ ...withoutResources(workspace.stack), ...tableAndGuardOf(stack), removed });
      const plan = await workspace.terraform.plan();
      updates = updatesInPlace(plan);
      const forgotten = managed(plan).filter(({ change }) => change.actions.join() === "forget");
      expect(forgotten.map(({ address }) => address)).toEqual(ADDRESSES);
      expect(managed(plan).flatMap(({ change }) => change.actions)).not.toContain("delete");
    });

    test("no longer encrypts the table", async () => {
      expect(updates).toMatchObject([
        {
          address: "aws_dynamodb_table.events",
          attribute: "server_side_encryption",
          before: [{ enabled: true }],
          after: [{ enabled: false }],
        },
      ]);
      await workspace.moto.record();
      await workspace.terraform.apply();
      // Only the call is checked: moto 5.2.1 accepts it and does not change the table.
      expect(await workspace.moto.recorded()).toContainEqual({
        action: "UpdateTable",
        body: expect.stringContaining('"SSESpecification":{"Enabled":false}'),
      });
    });
  });

  test("needed every action that docs/permissions.md allows with a key, except those with a reason", () => {
    expectAllCalled(workspace.calls, ["plan-key", "deploy-key"]);
  });
});
