import { lostByAdoption } from "./harness/adoption";
import { documentedUpdates } from "./harness/adoption-table";
import { savedVersions } from "./harness/at-hand";
import { GUIDE_RESOURCES, guideStack } from "./harness/guide";
import { exceptMotos, stackDifferences } from "./harness/moto-differences";
import { newerThan, overriding } from "./harness/overrides";
import { managed, type Plan, updatesInPlace } from "./harness/plan";
import { addressesOf, type StackFile } from "./harness/stack-file";
import { testRoot } from "./harness/test-root";
import { Workspace } from "./harness/workspace";

describe("the synthesized stack on the state of someone who applied the guide by hand", () => {
  const { aws: awsProvider = "" } = savedVersions(testRoot());
  const guideAddresses = addressesOf({ resource: GUIDE_RESOURCES }).sort();
  let workspace: Workspace;
  let stack: StackFile;
  let plan: Plan;
  beforeAll(async () => {
    workspace = await Workspace.open("adoption");
    stack = workspace.stack;
  });
  afterAll(() => workspace?.close());

  test(`terraform apply of the guide's ${guideAddresses.length} resources`, async () => {
    workspace.use(guideStack(stack));
    await workspace.terraform.init();
    await workspace.terraform.plan();
    const { values } = await workspace.terraform.apply();
    expect(values?.root_module.resources?.map(({ address }) => address).sort()).toEqual(guideAddresses);
  });

  test("terraform plan of the stack on that state", async () => {
    workspace.use(stack);
    await workspace.terraform.init();
    plan = await workspace.terraform.plan();
  });

  test(`keeps ${guideAddresses.length} of ${guideAddresses.length}, with every attribute that the guide sets`, () => {
    expect(lostByAdoption(plan, GUIDE_RESOURCES)).toEqual([]);
  });

  test("creates what the guide does not have, and nothing else", () => {
    const created = managed(plan).filter(({ change }) => change.actions.join() === "create");
    const others = addressesOf(stack).filter((address) => !guideAddresses.includes(address));
    expect(created.map(({ address }) => address).sort()).toEqual(others.sort());
  });

  test("updates in place what docs/adoption.md lists, and nothing else", () => {
    const updated = exceptMotos(updatesInPlace(plan)).map(({ address, attribute }) => `${address}.${attribute}`);
    expect(updated.sort()).toEqual(documentedUpdates(awsProvider).shown);
  });

  test(`docs/adoption.md lists as newer the updates that AWS provider ${awsProvider} cannot show`, () => {
    const { resource } = overriding(stack, newerThan(awsProvider));
    const left = Object.entries(resource).flatMap(([type, named]) =>
      Object.entries(named).flatMap(([name, config]) => Object.keys(config).map((key) => `${type}.${name}.${key}`)),
    );
    const ofGuide = left.filter((attribute) => guideAddresses.some((address) => attribute.startsWith(`${address}.`)));
    expect(ofGuide.sort()).toEqual(documentedUpdates(awsProvider).notShown);
  });

  test("a queue at another address is reported as lost", async () => {
    workspace.use(withQueueAt("events_queue", stack));
    const wrong = lostByAdoption(await workspace.terraform.plan(), GUIDE_RESOURCES);
    expect(wrong).toContain("aws_sqs_queue.events is not kept: delete");
  });

  test("terraform apply of the stack on that state", async () => {
    // Any update of a queue makes moto 5.2.1 forget the queue's policy, so the
    // update that only moto's spaces in redrive_policy ask for is not made.
    workspace.use(stack, { leavingOut: true, ignoring: true });
    await workspace.terraform.plan();
    await workspace.terraform.apply();
  });

  test("a second plan changes nothing but what moto cannot hold", async () => {
    workspace.use(stack, { leavingOut: true });
    expect(stackDifferences(await workspace.terraform.plan())).toEqual([]);
  });
});

/** The stack with aws_sqs_queue.events renamed, in references too. */
function withQueueAt(name: string, stack: StackFile): StackFile {
  const { events, ...queues } = stack.resource?.aws_sqs_queue ?? {};
  if (!events) throw new Error("The stack has no aws_sqs_queue.events to rename.");
  const renamed = { ...stack, resource: { ...stack.resource, aws_sqs_queue: { ...queues, [name]: events } } };
  return JSON.parse(JSON.stringify(renamed).replaceAll("aws_sqs_queue.events.", `aws_sqs_queue.${name}.`)) as StackFile;
}
