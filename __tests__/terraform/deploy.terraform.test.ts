import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { Deployed } from "./harness/deployed";
import { MOTO_DIFFERENCES, outdatedDifferences, stackDifferences } from "./harness/moto-differences";
import { MOTO_LACKS, overriding } from "./harness/overrides";
import { managed, type Plan } from "./harness/plan";
import { addressesOf, withoutResources } from "./harness/stack-file";
import { STATE_FILE } from "./harness/terraform";
import { expectAllCalled } from "./harness/uncalled-actions";
import { Workspace } from "./harness/workspace";
import { testPolicies } from "./policies";
import { testProtection, withRetainData } from "./protection";

describe("the synthesized stack with retainData in an empty account", () => {
  let workspace: Workspace;
  let deployed: Deployed;
  beforeAll(async () => {
    workspace = await Workspace.open("deploy");
    workspace.use(withRetainData(true, workspace.stack), { leavingOut: true });
  });
  afterAll(() => workspace?.close());

  const inFolder = (file: string) => join(workspace.folder, file);
  const creations = (plan: Plan) =>
    managed(plan)
      .filter(({ change }) => change.actions.join() === "create")
      .map(({ address }) => address);

  test("terraform init", () => workspace.terraform.init());

  test("terraform validate", () => workspace.terraform.validate());

  test("terraform plan creates every resource of the stack", async () => {
    const { stack } = workspace;
    const { omitted } = overriding(stack, MOTO_LACKS);
    const plan = await workspace.terraform.plan();
    expect([...creations(plan), ...omitted].sort()).toEqual(addressesOf(stack).sort());
  });

  test("terraform apply", async () => {
    deployed = new Deployed(await workspace.terraform.apply(), workspace.moto.endpoint);
  });

  describe("the applied resources in moto", () => testPolicies(() => deployed));

  describe("a second plan", () => {
    let plan: Plan;
    beforeAll(async () => {
      plan = await workspace.terraform.plan();
    });

    test("changes only what moto cannot hold", () => expect(stackDifferences(plan)).toEqual([]));

    test.each(MOTO_DIFFERENCES)("differs in $address $attribute: $reason", ({ address, attribute }) => {
      expect(outdatedDifferences(plan)).not.toContain(`${address}.${attribute}`);
    });

    test("is empty without those changes: -detailed-exitcode is 0", async () => {
      workspace.use(workspace.stack, { leavingOut: true, ignoring: true });
      const { isEmpty } = await workspace.terraform.plan();
      workspace.use(workspace.stack, { leavingOut: true });
      expect(isEmpty).toBe(true);
    });
  });

  describe("applied data is protected", () => testProtection(() => workspace));

  test("terraform destroy", async () => {
    copyFileSync(inFolder(STATE_FILE), inFolder("applied.tfstate"));
    await workspace.terraform.destroy();
  });

  test("called every action that docs/permissions.md allows a deployer, except those with a reason", () => {
    expectAllCalled(workspace.calls, ["plan", "deploy-data", "deploy-functions"]);
  });

  test("moto has none of the applied resources", async () => {
    copyFileSync(inFolder("applied.tfstate"), inFolder(STATE_FILE));
    workspace.use(withoutResources(workspace.stack));
    // A plan with the applied state would destroy any resource that moto still has.
    expect(managed(await workspace.terraform.plan())).toEqual([]);
  });
});
