import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { Deployed } from "../helpers/terraform/deployed";
import {
  ignoringDifferences,
  MOTO_DIFFERENCES,
  outdatedDifferences,
  stackDifferences,
} from "../helpers/terraform/moto-differences";
import { managed, type Plan } from "../helpers/terraform/plan";
import { addressesOf, withoutResources } from "../helpers/terraform/stack-file";
import { STATE_FILE } from "../helpers/terraform/terraform";
import { Workspace } from "../helpers/terraform/workspace";
import { testPolicies } from "./policies";

describe("the synthesized stack in an empty account", () => {
  let workspace: Workspace;
  let deployed: Deployed;
  beforeAll(async () => {
    workspace = await Workspace.open("deploy");
    workspace.useWhatMotoHas();
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
    const plan = await workspace.terraform.plan();
    expect(creations(plan).sort()).toEqual(addressesOf(workspace.stack).sort());
  });

  test("terraform apply", async () => {
    deployed = new Deployed(await workspace.terraform.apply(), workspace.moto.endpoint);
  });

  describe("what moto holds then", () => testPolicies(() => deployed));

  describe("a second plan", () => {
    let plan: Plan;
    beforeAll(async () => {
      plan = await workspace.terraform.plan();
    });

    test("changes nothing but what moto cannot hold", () => expect(stackDifferences(plan)).toEqual([]));

    test.each(MOTO_DIFFERENCES)("differs in $address $attribute: $reason", ({ address, attribute }) => {
      expect(outdatedDifferences(plan)).not.toContain(`${address}.${attribute}`);
    });

    test("is empty without those: -detailed-exitcode is 0", async () => {
      const { stack } = workspace;
      workspace.use(ignoringDifferences(stack));
      const { isEmpty } = await workspace.terraform.plan();
      workspace.use(stack);
      expect(isEmpty).toBe(true);
    });
  });

  test("terraform destroy", async () => {
    copyFileSync(inFolder(STATE_FILE), inFolder("applied.tfstate"));
    await workspace.terraform.destroy();
  });

  test("moto has nothing left of what was applied", async () => {
    copyFileSync(inFolder("applied.tfstate"), inFolder(STATE_FILE));
    workspace.use(withoutResources(workspace.stack));
    // Terraform would have to destroy whatever of the applied state moto still answers for.
    expect(managed(await workspace.terraform.plan())).toEqual([]);
  });
});
