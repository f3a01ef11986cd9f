import { ArchiveProvider } from "@cdktf/provider-archive/lib/provider";
import { AwsProvider, type AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import { at, type Synthesized } from "@event-pipeline/testing/synthesized";
import { Aspects, TerraformResource, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { EventPipeline } from "../../stacks/event-pipeline";
import type { EventPipelineProps } from "../../stacks/event-pipeline-props";

const REGION = "eu-central-1";

interface Lifecycle {
  readonly postcondition: readonly { readonly condition: string }[];
}

function stackOf(...pipelines: readonly (Partial<EventPipelineProps> & { id: string })[]): TerraformStack {
  const stack = emptyStack();
  for (const { id, ...props } of pipelines) {
    new EventPipeline(stack, id, { name: id, region: REGION, handlerPath: "bundle", ...props });
  }
  return stack;
}

function emptyStack(): TerraformStack {
  const stack = new TerraformStack(Testing.app(), "stack");
  new AwsProvider(stack, "aws", { region: REGION });
  new ArchiveProvider(stack, "archive");
  return stack;
}

function synth(stack: TerraformStack): Synthesized {
  return JSON.parse(Testing.synth(stack, true)) as Synthesized;
}

function addressesOf({ resource, data }: Synthesized): string[] {
  return Object.entries({ ...resource, ...data }).flatMap(([type, blocks]) =>
    Object.keys(blocks).map((name) => `${type}.${name}`),
  );
}

test("gives two pipelines in one stack separate addresses", () => {
  const [one, other] = ["alice", "team-7"].map((id) => synth(stackOf({ id }))) as [Synthesized, Synthesized];
  const both = synth(stackOf({ id: "alice" }, { id: "team-7" }));
  expect(addressesOf(both).sort()).toEqual([...addressesOf(one), ...addressesOf(other)].sort());
  for (const address of addressesOf(one)) expect(address).toMatch(/^\w+\.alice_/);
  expect(at(both, "aws_sns_topic.team_7_events")).toEqual(at(other, "aws_sns_topic.team_7_events"));
});

test("forgets the former key of each pipeline that has no key", () => {
  const { removed } = synth(stackOf({ id: "alice" }, { id: "bob", kmsKey: "create" }, { id: "carol" }));
  expect(removed?.map(({ from }) => from)).toEqual([
    "aws_kms_key.alice_events",
    "aws_kms_alias.alice_events",
    "aws_kms_key.carol_events",
    "aws_kms_alias.carol_events",
  ]);
});

test("guards each pipeline by its name, even if the name is a token", () => {
  const stack = emptyStack();
  const props = { region: REGION, handlerPath: "bundle" };
  const alice = new EventPipeline(stack, "alice", { ...props, name: "alice" });
  new EventPipeline(stack, "bob", { ...props, name: alice.topic.topic.name });
  new EventPipeline(stack, "carol", { ...props, name: `x-${alice.topic.topic.name}` });
  const synthesized = synth(stack);
  const guards = ["alice", "bob", "carol"].map((id) => at(synthesized, `terraform_data.${id}_events_deployment`));
  const conditions = guards.map(({ lifecycle }) => (lifecycle as Lifecycle).postcondition[0]?.condition);
  expect(guards.map(({ input }) => (input as { name: string }).name)).toEqual([
    "alice",
    "${aws_sns_topic.alice_events.name}",
    "x-${aws_sns_topic.alice_events.name}",
  ]);
  expect(conditions).toEqual([
    expect.stringContaining('self.input.name == "alice"'),
    expect.stringContaining("self.input.name == aws_sns_topic.alice_events.name"),
    expect.stringContaining('self.input.name == "x-${aws_sns_topic.alice_events.name}"'),
  ]);
});

test("rejects two pipelines with the same address prefix", () => {
  const stack = stackOf({ id: "alice", addressPrefix: "" }, { id: "bob", addressPrefix: "" });
  expect(() => Testing.synth(stack, true)).toThrow(/stack\/alice.* and stack\/bob.*aws_sns_topic\.events/);
});

describe("two pipelines with one name", () => {
  const [ACCOUNT, OTHER_ACCOUNT] = ["111111111111", "222222222222"];

  interface Place {
    readonly region?: string;
    readonly name?: string;
    readonly allowedAccountIds?: string[];
    readonly endpoints?: NonNullable<AwsProviderConfig["endpoints"]>;
    /** The account of another provider of the stack, with an alias, which comes first. */
    readonly aliased?: string;
  }

  /** Synthesizes an app with one pipeline in each of several stacks. */
  function synthStacks(...places: readonly Place[]): void {
    const app = Testing.app();
    for (const [index, { region = REGION, name = "orders", aliased, ...provider }] of places.entries()) {
      const stack = new TerraformStack(app, `stack-${index}`);
      const variable = new TerraformVariable(stack, "variable", { type: "string" });
      if (aliased) new AwsProvider(stack, "aliased", { region, alias: "aliased", allowedAccountIds: [aliased] });
      new AwsProvider(stack, "aws", { region, ...provider });
      new ArchiveProvider(stack, "archive");
      const ownName = name === "variable" ? variable.stringValue : name;
      new EventPipeline(stack, "pipeline", { name: ownName, region, handlerPath: "bundle" });
    }
    app.synth();
  }

  test("are rejected in one stack, even if the name is a token", () => {
    for (const getName of [() => "orders", (name: TerraformVariable) => name.stringValue]) {
      const stack = emptyStack();
      const variable = new TerraformVariable(stack, "name", { type: "string" });
      for (const id of ["a", "b"]) {
        new EventPipeline(stack, id, { name: getName(variable), region: REGION, handlerPath: "bundle" });
      }
      expect(() => Testing.synth(stack, true)).toThrow(/stack\/a and stack\/b .*"(orders|\$\{var\.name\})"/);
    }
  });

  test.each<[what: string, error: RegExp | undefined, places: readonly Place[]]>([
    [
      "rejected in one account",
      /stack-0\/pipeline and stack-1\/pipeline .*"orders"/,
      [ACCOUNT, ACCOUNT].map(inAccount),
    ],
    // Both would have the role orders-event-processor.
    [
      "rejected in two regions of one account",
      /stack-0\/pipeline and stack-1\/pipeline/,
      [inAccount(ACCOUNT), { ...inAccount(ACCOUNT), region: "us-east-1" }],
    ],
    ["accepted in two accounts", undefined, [ACCOUNT, OTHER_ACCOUNT].map(inAccount)],
    ["accepted if an account is not known", undefined, [inAccount(ACCOUNT), {}]],
    [
      "accepted if one may be in another account",
      undefined,
      [inAccount(ACCOUNT), { allowedAccountIds: [ACCOUNT, OTHER_ACCOUNT] }],
    ],
    [
      "rejected if one provider repeats the account",
      /stack-0\/pipeline and stack-1\/pipeline/,
      [inAccount(ACCOUNT), { allowedAccountIds: [ACCOUNT, ACCOUNT] }],
    ],
    [
      "rejected if a provider with an alias is for another account",
      /stack-0\/pipeline and stack-1\/pipeline/,
      [inAccount(ACCOUNT), { ...inAccount(ACCOUNT), aliased: OTHER_ACCOUNT }],
    ],
    [
      "accepted if only a provider with an alias is for the account",
      undefined,
      [inAccount(ACCOUNT), { ...inAccount(OTHER_ACCOUNT), aliased: ACCOUNT }],
    ],
    ["accepted if the account is an expression", undefined, ["${var.variable}", "${var.variable}"].map(inAccount)],
    [
      "accepted if the name is a variable of each stack",
      undefined,
      [ACCOUNT, ACCOUNT].map((id) => ({ ...inAccount(id), name: "variable" })),
    ],
    [
      "accepted on two emulators",
      undefined,
      ["http://127.0.0.1:4566", "http://127.0.0.1:4567"].map((sns) => ({
        ...inAccount(ACCOUNT),
        endpoints: [{ sns }],
      })),
    ],
    [
      "accepted on AWS and an emulator",
      undefined,
      [inAccount(ACCOUNT), { ...inAccount(ACCOUNT), endpoints: [{ sns: "http://127.0.0.1:4566" }] }],
    ],
    ["accepted with two names", undefined, [inAccount(ACCOUNT), { ...inAccount(ACCOUNT), name: "bills" }]],
  ])("are %s", (_what, error, places) => {
    if (error) expect(() => synthStacks(...places)).toThrow(error);
    else expect(() => synthStacks(...places)).not.toThrow();
  });

  test("are accepted in one stack with two providers", () => {
    const stack = emptyStack();
    const provider = new AwsProvider(stack, "other", { region: REGION, alias: "other", profile: "other" });
    const props = { name: "orders", region: REGION, handlerPath: "bundle" };
    new EventPipeline(stack, "a", props);
    const other = new EventPipeline(stack, "b", props);
    Aspects.of(other).add({
      visit: (construct) => {
        if (TerraformResource.isTerraformResource(construct)) construct.provider = provider;
      },
    });
    expect(() => Testing.synth(stack, true)).not.toThrow();
  });

  function inAccount(id: string): Place {
    return { allowedAccountIds: [id] };
  }
});

test("validates props as it validates cdktf.json", () => {
  expect(() => stackOf({ id: "alice", batchSize: 0, kmsKey: "key" })).toThrow(/batchSize 0.*kmsKey "key"/s);
  expect(() => stackOf({ id: "alice", batchSize: 11 })).toThrow(/batchWindowSeconds 0 with batchSize 11/);
  expect(() => stackOf({ id: "alice", name: "Alice" })).toThrow(/name "Alice"/);
  expect(() => stackOf({ id: "alice", addressPrefix: "7-" })).toThrow(/addressPrefix "7-"/);
  expect(() => stackOf({ id: "alice", ...{ stateBucket: "bucket" } })).toThrow(/option stateBucket\./);
});

test("accepts tokens only as names and ARNs", () => {
  const stack = emptyStack();
  const first = new EventPipeline(stack, "alice", {
    name: "alice",
    region: REGION,
    handlerPath: "bundle",
    kmsKey: "create",
  });
  const { arn } = first.topic.topic;
  const props = { name: "bob", region: REGION, handlerPath: "bundle" };
  new EventPipeline(stack, "bob", { ...props, alarmTopicArn: arn });
  expect(at(synth(stack), "aws_cloudwatch_metric_alarm.bob_archive_throttles").alarm_actions).toEqual([
    "${aws_sns_topic.alice_events.arn}",
  ]);
  const filterPolicy = { topic: [arn] };
  expect(() => new EventPipeline(stack, "carol", { ...props, filterPolicy })).toThrow(/filterPolicy/);
  expect(() => new EventPipeline(stack, "dave", { ...props, region: arn })).toThrow(/Invalid region/);
});

test("finds the handler's bundle in the package and copies it next to the JSON", () => {
  const stack = emptyStack();
  new EventPipeline(stack, "alice", { name: "alice", region: REGION });
  const { source_dir } = at(synth(stack), "data.archive_file.alice_event_processor");
  expect(source_dir).toMatch(/^assets\//);
});
