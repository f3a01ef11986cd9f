import { EXAMPLE_EVENTS, synthStack } from "@event-pipeline/testing/synthesized";
import { readContext } from "../../stacks/options/read-context";
import { readStage } from "../../stacks/options/read-stage";
import { NAME } from "./harness/environment";
import { managed, type Plan } from "./harness/plan";
import { mapText, type StackFile } from "./harness/stack-file";
import type { Workspace } from "./harness/workspace";

const GUARD = "terraform_data.events_deployment";
const ACCOUNT = "123456789012";

/** Tests of an applied stack with `retainData`: refused plans and the documented ways out. It ends with `retainData: false`. */
export function testProtection(opened: () => Workspace): void {
  let retained: StackFile;
  beforeAll(() => {
    retained = opened().stack;
  });

  const use = (stack: StackFile) => opened().use(stack, { leavingOut: true, ignoring: true });
  const planAsRenamed = () => opened().terraformElsewhere({ TF_VAR_name: "renamed" }).plan();

  test("terraform destroy is refused at plan", async () => {
    const message = await failureOf(opened().terraform.destroy());
    const named = [...message.matchAll(/Resource (\S+) has lifecycle\.prevent_destroy set/g)];
    expect(named.map(([, address]) => address).sort()).toEqual([
      "aws_dynamodb_table.events",
      "aws_s3_bucket.events_raw",
      // Terraform would destroy their dead-letter queues after them.
      "aws_sqs_queue.alerts",
      "aws_sqs_queue.events",
      "aws_sqs_queue.events_undelivered",
    ]);
    expect(message).not.toContain("Destroying...");
  });

  describe("a plan for another deployment is refused, in one error", () => {
    test("with another name", async () => {
      use(retained);
      expectRefusal(await failureOf(planAsRenamed()), `renamed in account ${ACCOUNT}, region us-east-1`);
    });

    test("in another region", async () => {
      use(mapText(retained, (text) => text.replaceAll("us-east-1", "eu-west-1")));
      expectRefusal(
        await failureOf(opened().terraformElsewhere().plan()),
        `${NAME} in account ${ACCOUNT}, region eu-west-1`,
      );
    });

    test("in another account", async () => {
      use(assuming("arn:aws:iam::999999999999:role/deploy", retained));
      expectRefusal(
        await failureOf(opened().terraformElsewhere().plan()),
        `${NAME} in account 999999999999, region us-east-1`,
      );
    });
  });

  test("terraform apply with retainData: false", async () => {
    use(withRetainData(false, retained));
    await opened().terraform.plan();
    await opened().terraform.apply();
  });

  test("a plan with another name is still refused", async () => {
    expectRefusal(await failureOf(planAsRenamed()), `renamed in account ${ACCOUNT}, region us-east-1`);
  });

  describe("once the state no longer records its pipeline, like one of an earlier version", () => {
    beforeAll(() => opened().terraform.forget(GUARD));

    test("a plan with the same name adds the record, and changes nothing else", async () => {
      expect(changesOf(await opened().terraform.plan())).toEqual([[GUARD, "create"]]);
    });

    test("a plan with another name replaces the pipeline", async () => {
      const changes = changesOf(await planAsRenamed());
      expect(changes).toContainEqual([GUARD, "create"]);
      expect(changes).toContainEqual(["aws_dynamodb_table.events", "delete", "create"]);
    });
  });
}

/** Returns the harness's stack with this option. Functions keep the zips that the harness created. */
export function withRetainData(retainData: boolean, stack: StackFile): StackFile {
  const stage = readStage(readContext("cdktf.json"), { EVENT_PIPELINE_RETAIN_DATA: String(retainData) });
  const { aws_lambda_function = {} } = stack.resource ?? {};
  return {
    ...stack,
    resource: { ...synthStack({ stage, eventsFolder: EXAMPLE_EVENTS }).resource, aws_lambda_function },
  };
}

function assuming(role_arn: string, stack: StackFile): StackFile {
  const aws = (stack.provider?.aws ?? []).map((provider) => ({ ...provider, assume_role: [{ role_arn }] }));
  return { ...stack, provider: { ...stack.provider, aws } };
}

/** Returns the output of a failing command, on one line. */
async function failureOf(command: Promise<unknown>): Promise<string> {
  const message = await command.then(
    () => "It did not fail.",
    (error: Error) => error.message,
  );
  return message.replace(/\s+/g, " ");
}

function expectRefusal(message: string, plan: string): void {
  expect(message.match(/Error: .*?(?= on )/g)).toEqual(["Error: Resource postcondition failed"]);
  expect(message).toContain(
    `This state holds the pipeline ${NAME} in account ${ACCOUNT}, region us-east-1. A plan for ${plan} would replace it with all its data.`,
  );
  expect(message).toContain(`run: terraform state rm ${GUARD}`);
}

function changesOf(plan: Plan): string[][] {
  return managed(plan)
    .filter(({ change }) => change.actions.join() !== "no-op")
    .map(({ address, change }) => [address, ...change.actions]);
}
