import { relative } from "node:path";
import { stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import type { GivenStageOptions } from "../../stacks/options/stage-options";
import { optionEffects, uncovered } from "../helpers/option-effects";
import { withoutArchives } from "./harness/archives";
import { savedVersions } from "./harness/at-hand";
import { keptArguments } from "./harness/computed-arguments";
import { differences } from "./harness/differences";
import { NAME } from "./harness/environment";
import type { RecordedCall } from "./harness/moto";
import { managed, type Plan, type State } from "./harness/plan";
import type { StackFile } from "./harness/stack-file";
import { testRoot } from "./harness/test-root";
import { Workspace } from "./harness/workspace";
import { makeZips } from "./harness/zip";

const OFF: GivenStageOptions = { retainData: false };
/**
 * Every option that adds a resource or an argument and replaces none. encryptLogs is missing: moto 5.2.1 has no
 * AssociateKmsKey, which gives an existing log group a key.
 */
const ON: GivenStageOptions = {
  retainData: true,
  kmsKey: "create",
  eventIdIndex: true,
  tracing: true,
  deliveryStatusLogging: true,
  alarmEmail: "ops@example.com",
  okActions: true,
  maxConcurrency: 10,
  reservedConcurrency: 20,
  filterPolicy: { severity: ["high"] },
  filterPolicyScope: "MessageBody",
  archiveExpiryDays: 400,
  permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess",
  publisherAccounts: ["123456789012"],
  publisherOrganization: "o-a1b2c3d4e5",
  publisherServices: ["s3.amazonaws.com"],
  tags: { Team: "events" },
};
const ROLE_PATH = "/events/";
const BUCKET = "other-bucket";

/** Optional and computed arguments that the stack may still leave out, with the reason. */
const MAY_BE_LEFT_OUT: Readonly<Record<string, string>> = {
  "aws_dynamodb_table.global_secondary_index": "the provider deletes an index that is left out",
  "aws_dynamodb_table.server_side_encryption.kms_key_arn": "it goes with enabled = false, which is always written",
  "aws_s3_bucket_lifecycle_configuration.rule.expiration": "the provider writes all rules at once",
  "aws_sns_topic_subscription.filter_policy_scope": "it means nothing without a filter policy, and is written with one",
  "aws_sqs_queue.sqs_managed_sse_enabled": "SQS turns it off when a queue gets a key; without a key it is written",
};

/** Leftovers of an option in moto 5.2.1 that AWS does not keep or that have no effect. */
const MOTO_LEAVES: Readonly<Record<string, string>> = {
  "aws_dynamodb_table.events.attribute": "moto keeps the definition of an attribute whose index is deleted",
  "aws_lambda_event_source_mapping.event_processor.scaling_config": "moto answers with an empty ScalingConfig",
  "aws_sns_topic_subscription.sqs.filter_policy": "moto keeps the {} by which the provider takes a policy away",
  "aws_sns_topic_subscription.sqs.filter_policy_scope": "moto keeps the scope of a policy that is gone",
};

let workspace: Workspace;
beforeAll(async () => {
  // Changed as docs/permissions.md describes.
  workspace = await Workspace.open("options", { "role/": `role${ROLE_PATH}`, ":::{name}-events-raw": `:::${BUCKET}` });
});
afterAll(() => workspace?.close());

async function stackOf(options: GivenStageOptions): Promise<StackFile> {
  const { terraform = {}, variable = {} } = workspace.stack;
  const projectRoot = relative(workspace.folder, process.cwd());
  const synthesized = synthStack({ stage: stageWith(options), projectRoot });
  const stack = { ...synthesized, terraform, variable } as unknown as StackFile;
  const hasArchive = savedVersions(testRoot()).archive !== undefined;
  return hasArchive ? stack : withoutArchives(stack, await makeZips(workspace.folder, stack));
}

async function plan(options: GivenStageOptions): Promise<Plan> {
  workspace.use(await stackOf(options), { leavingOut: true });
  return workspace.terraform.plan();
}

function addressesWith(planned: Plan, ...actions: readonly string[]): string[] {
  return managed(planned)
    .filter(({ change }) => change.actions.join() === actions.join())
    .map(({ address }) => address)
    .sort();
}

describe("options that are turned on and then off", () => {
  /** The state as the provider reads it, applied with every option off. */
  let never: State | undefined;
  let keyArn: string;
  let on: { plan: Plan; calls: readonly RecordedCall[] };
  let off: { plan: Plan; calls: readonly RecordedCall[] };

  test("terraform apply, with every option off", async () => {
    workspace.use(await stackOf(OFF));
    await workspace.terraform.init();
    await plan(OFF);
    await workspace.terraform.apply();
  });

  test("arguments that the provider keeps are always written, except those that may be left out", async () => {
    const [one = {}, other = {}] = [(await stackOf(ON)).resource, (await stackOf(OFF)).resource];
    const schemas = await workspace.terraform.schemas();
    const kept = [...keptArguments(one, other, schemas), ...keptArguments(other, one, schemas)];
    expect(kept).not.toEqual([]);
    expect(kept.filter((argument) => MAY_BE_LEFT_OUT[argument] === undefined)).toEqual([]);
  });

  test("terraform apply, with every option on", async () => {
    const planned = await plan(ON);
    never = planned.prior_state;
    await workspace.moto.record();
    const { values } = await workspace.terraform.apply();
    on = { plan: planned, calls: await workspace.moto.recorded() };
    const key = values?.root_module.resources?.find(({ address }) => address === "aws_kms_key.events");
    keyArn = String(key?.values.arn);
  });

  test("replaces and destroys nothing", () => {
    const { resource_changes: changes = [] } = on.plan;
    expect(changes.filter(({ change }) => change.actions.includes("delete"))).toEqual([]);
  });

  test("lets each role use the key before anything is encrypted with it", () => {
    const roles = on.calls.filter(isKeyPolicy).map(({ body }) => new URLSearchParams(body).get("RoleName"));
    expect(roles.sort()).toEqual(["event-processor", "events-raw-stream"].map((role) => `${NAME}-${role}`));
    const first = (is: (call: RecordedCall) => boolean) => on.calls.findIndex(is);
    const uses = Object.entries(ENCRYPTS).map(([what, is]) => [what, first(is)] as const);
    for (const [what, use] of uses) expect({ what, use }).not.toEqual({ what, use: -1 });
    const lastPermission = on.calls.findLastIndex(isKeyPolicy);
    expect(uses.filter(([, use]) => use < lastPermission)).toEqual([]);
  });

  test("terraform apply, with every option off and the key in formerKmsKeys", async () => {
    const planned = await plan({ ...OFF, formerKmsKeys: [keyArn] });
    await workspace.moto.record();
    await workspace.terraform.apply();
    off = { plan: planned, calls: await workspace.moto.recorded() };
  });

  test("forgets the key, and destroys the resources that the options added", () => {
    expect(addressesWith(off.plan, "forget")).toEqual(["aws_kms_alias.events", "aws_kms_key.events"]);
    const kept = [/^aws_kms_/, /^aws_iam_role_policy\.(event_processor|firehose_s3)_key$/];
    const added = addressesWith(on.plan, "create").filter((address) => !kept.some((each) => each.test(address)));
    expect(addressesWith(off.plan, "delete")).toEqual(added);
  });

  test("lets every role continue to use the key", () => {
    expect(off.calls.filter(({ action, body }) => action === "DeleteRolePolicy" && body.includes("use-key"))).toEqual(
      [],
    );
  });

  describe("then", () => {
    const other: GivenStageOptions = { ...OFF, rolePath: ROLE_PATH, rawBucketName: BUCKET };
    let moved: Plan;
    beforeAll(async () => {
      moved = await plan({ ...other, formerKmsKeys: [keyArn], alarmEmail: "ops@example.com" });
    });

    test("everything is as if the options had never been on, except the policies of the former key", () => {
      expect(never?.values?.root_module.resources?.length).toBeGreaterThan(40);
      const left = differences(never, moved.prior_state).filter(
        (each) => MOTO_LEAVES[each.replace(/:.*/s, "")] === undefined,
      );
      expect(left).toEqual([
        "aws_iam_role_policy.event_processor_key is new",
        "aws_iam_role_policy.firehose_s3_key is new",
      ]);
    });

    test("another rolePath and another rawBucketName replace the resources that docs/options.md lists", () => {
      expectReplaced(moved, ["rolePath", "rawBucketName"]);
      expect(addressesWith(moved, "delete")).toEqual([]);
    });

    test("the apply destroys each role before it creates the one with its name", () => workspace.terraform.apply());

    test("without formerKmsKeys, the policies of the key are destroyed; another alarmEmail replaces the subscription", async () => {
      const planned = await plan({ ...other, alarmEmail: "team@example.com" });
      expect(addressesWith(planned, "delete")).toEqual([
        "aws_iam_role_policy.event_processor_key",
        "aws_iam_role_policy.firehose_s3_key",
      ]);
      expectReplaced(planned, ["alarmEmail"]);
    });
  });
});

/** Asserts that a plan replaces exactly the resources that docs/options.md lists for `options`. */
function expectReplaced(planned: Plan, options: readonly string[]): void {
  const documented = optionEffects()
    .filter((effect) => effect.options.some((option) => options.includes(option)))
    .flatMap(({ replaces }) => replaces);
  expect(uncovered(documented, addressesWith(planned, "delete", "create"))).toEqual({ addresses: [], patterns: [] });
}

function isKeyPolicy({ action, body }: RecordedCall): boolean {
  return action === "PutRolePolicy" && body.includes("PolicyName=use-key");
}

/** The calls that encrypt a resource with a customer's key. */
const ENCRYPTS: Readonly<Record<string, (call: RecordedCall) => boolean>> = {
  queue: ({ action, body }) => /^(SetQueueAttributes|CreateQueue)$/.test(action) && body.includes("KmsMasterKeyId"),
  table: ({ action, body }) => action === "UpdateTable" && /"SSESpecification":\{[^}]*"KMSMasterKeyId"/.test(body),
  stream: ({ action, body }) => action === "StartDeliveryStreamEncryption" && body.includes("CUSTOMER_MANAGED_CMK"),
  bucket: ({ action, body }) => /^PUT .*\?encryption/.test(action) && body.includes("aws:kms"),
};
