// Terraform orders resources only by their references, so each permission must precede its use in the graph.

import { at, PROJECT_ROOT, type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";
import { Testing } from "cdktf";
import { EventPipelineStack } from "../../stacks/event-pipeline-stack";
import type { GivenStageOptions } from "../../stacks/options/stage-options";
import { type DependencyGraph, dependencyGraph } from "./dependency-graph";

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Prefixes of the resource types with which roles use the key through each service. */
const SERVICES: Readonly<Record<string, string>> = { sqs: "aws_sqs_", dynamodb: "aws_dynamodb_", s3: "aws_s3_" };

const CREATED_KEY = "${aws_kms_key.events.arn}";
const OWN_KEY = "arn:aws:kms:us-east-1:123456789012:key/own";
const FORMER_KEY = "arn:aws:kms:us-east-1:123456789012:key/former";
const subscribers = { alerts: { handler: "alert-log" } };
const everything = {
  encryptLogs: true,
  eventIdIndex: true,
  tracing: true,
  deliveryStatusLogging: true,
  okActions: true,
};
const variants: readonly [string, GivenStageOptions, keys: readonly string[]][] = [
  ["with the defaults", {}, []],
  [
    "with a created key, and every option that adds a resource",
    { ...everything, kmsKey: "create", alarmEmail: "a@b.co" },
    [CREATED_KEY],
  ],
  ["with the user's own key", { kmsKey: OWN_KEY }, [OWN_KEY]],
  ["with only a former key", { formerKmsKeys: [FORMER_KEY] }, [FORMER_KEY]],
  ["with a changed key", { kmsKey: OWN_KEY, formerKmsKeys: [FORMER_KEY] }, [OWN_KEY, FORMER_KEY]],
  ["with the same former key", { kmsKey: OWN_KEY, formerKmsKeys: [OWN_KEY] }, [OWN_KEY]],
];

function all(stack: Synthesized, type: string): [address: string, config: Record<string, unknown>][] {
  return Object.entries(stack.resource[type] ?? {}).map(([name, config]) => [`${type}.${name}`, config]);
}

function statementsOf(policy: unknown): Statement[] {
  return (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;
}

/** Returns the addresses of blocks whose `attribute` a value refers to. */
function named(value: unknown, attribute: string): string[] {
  return [...JSON.stringify(value).matchAll(new RegExp(`\\$\\{(aws_\\w+\\.\\w+)\\.${attribute}\\}`, "g"))].flatMap(
    ([, address]) => address ?? [],
  );
}

/** Returns inline policies by their role's address. */
function policiesByRole(stack: Synthesized): Map<string, [address: string, statements: Statement[]][]> {
  const byRole = new Map<string, [string, Statement[]][]>();
  for (const [address, { role, policy }] of all(stack, "aws_iam_role_policy")) {
    const [roleAddress = ""] = named(role, "id");
    byRole.set(roleAddress, [...(byRole.get(roleAddress) ?? []), [address, statementsOf(policy)]]);
  }
  return byRole;
}

/** Returns the addresses of blocks that set encryption, each with the resource that holds the events. */
function encrypted(stack: Synthesized): { address: string; holder: string }[] {
  const holders = ["aws_dynamodb_table", "aws_sqs_queue", "aws_kinesis_firehose_delivery_stream"];
  const buckets = all(stack, "aws_s3_bucket_server_side_encryption_configuration");
  return [
    ...holders.flatMap((type) => all(stack, type).map(([address]) => ({ address, holder: address }))),
    ...buckets.map(([address, { bucket }]) => ({ address, holder: String(named(bucket, "id")[0]) })),
  ];
}

describe.each(variants)("%s", (_, options, keys) => {
  const stack = synthStack({ stage: stageWith(options, subscribers) });
  const graph: DependencyGraph = dependencyGraph(stack);
  const policies = policiesByRole(stack);

  test("lets roles use the keys before and after the keys encrypt events", () => {
    const pairs = encrypted(stack).flatMap(({ address, holder }) =>
      [...policies].flatMap(([role, rolePolicies]) => {
        const resources = rolePolicies.flatMap(([, statements]) => statements.map(({ Resource }) => Resource));
        return named(resources, "arn").includes(holder) ? [{ address, role, rolePolicies }] : [];
      }),
    );
    // Both queues, the dead-letter queue of the event processor, the table and the bucket.
    expect(pairs).toHaveLength(5);
    for (const { address, role, rolePolicies } of pairs) {
      const before = graph.dependenciesOf(address);
      const usable = rolePolicies
        .filter(([policy]) => before.includes(policy))
        .flatMap(([, statements]) => statements)
        .filter(({ Action, Condition }) => {
          const service = String(Condition?.StringEquals?.["kms:ViaService"]);
          return (
            [Action].flat().includes("kms:Decrypt") && address.startsWith(SERVICES[service.replace(/\..*/, "")] ?? "?")
          );
        })
        .flatMap(({ Resource = [] }) => Resource);
      expect({ address, role, usable }).toEqual({ address, role, usable: keys });
    }
  });

  test("makes a role's key policy depend only on the role and the key", () => {
    for (const [, rolePolicies] of policies) {
      for (const [policy, statements] of rolePolicies) {
        if (!JSON.stringify(statements).includes("kms:Decrypt")) continue;
        const others = graph
          .dependenciesOf(policy)
          .filter((each) => !/^(data\.)?(aws_(iam_role|kms_key|caller_identity)|terraform_data)\./.test(each));
        expect({ policy, others }).toEqual({ policy, others: [] });
      }
    }
  });

  test("creates a resource with a role after all of the role's policies", () => {
    for (const [type, blocks] of Object.entries(stack.resource)) {
      if (type.startsWith("aws_iam_")) continue;
      for (const [name, config] of Object.entries(blocks)) {
        for (const role of named(config, "arn").filter((each) => each.startsWith("aws_iam_role."))) {
          const needed = (policies.get(role) ?? []).map(([address]) => address);
          expect(needed).not.toEqual([]);
          expect(graph.dependenciesOf(`${type}.${name}`)).toEqual(expect.arrayContaining(needed));
        }
      }
    }
  });

  test("lets SNS deliver before it creates a subscription", () => {
    for (const [address, { endpoint, redrive_policy, protocol }] of all(stack, "aws_sns_topic_subscription")) {
      if (protocol === "email") continue;
      const targets = named([endpoint, redrive_policy], "arn").filter((each) => each.startsWith("aws_sqs_queue."));
      for (const target of targets) {
        const policy = all(stack, "aws_sqs_queue_policy").find(([, config]) =>
          named(config.queue_url, "id").includes(target),
        );
        expect(graph.dependenciesOf(address)).toContain(policy?.[0]);
      }
    }
  });

  test("creates the archive subscription's policy before the stream", () => {
    const before = graph.dependenciesOf("aws_iam_role_policy.sns_firehose");
    expect(before).not.toContain("aws_kinesis_firehose_delivery_stream.events_raw");
    expect(JSON.stringify(statementsOf(at(stack, "aws_iam_role_policy.sns_firehose").policy))).toContain(
      ":deliverystream/${var.name}-events-raw",
    );
  });

  test("creates an alarm after the alarm topic's policy", () => {
    for (const [address] of all(stack, "aws_cloudwatch_metric_alarm")) {
      expect(graph.dependenciesOf(address)).toContain("aws_sns_topic_policy.alarms");
    }
  });

  test("lets X-Ray accept traces before the topic sends them", () => {
    for (const [address] of all(stack, "aws_xray_resource_policy")) {
      expect(graph.dependenciesOf("aws_sns_topic.events")).toContain(address);
    }
  });

  test("never creates a replacement first, because role names are fixed", () => {
    for (const blocks of Object.values(stack.resource)) {
      for (const { lifecycle } of Object.values(blocks)) {
        expect(lifecycle ?? {}).not.toHaveProperty("create_before_destroy");
      }
    }
  });
});

test("lets a subscriber that is added in code use the key before the key encrypts the table", () => {
  const stack = new EventPipelineStack(Testing.app(), "stack", {
    projectRoot: PROJECT_ROOT,
    stage: stageWith({ kmsKey: "create" }),
  });
  const { pipeline } = stack;
  pipeline.addQueueSubscriber("copies", { handlerPath: "bundle", statements: [pipeline.table.writeStatement()] });
  const graph = dependencyGraph(JSON.parse(Testing.synth(stack, true)) as Synthesized);
  expect(graph.dependenciesOf("aws_dynamodb_table.events")).toContain("aws_iam_role_policy.copies_processor_key");
});

test("uses addresses in depends_on and replace_triggered_by", () => {
  const { resource } = synthStack({ stage: stageWith({ ...everything, kmsKey: "create" }, subscribers) });
  const blocks = Object.values(resource).flatMap((named) => Object.values(named));
  const named = blocks.flatMap(({ depends_on = [], lifecycle }) => {
    const { replace_triggered_by = [] } = (lifecycle ?? {}) as { replace_triggered_by?: string[] };
    return [...(depends_on as string[]), ...replace_triggered_by];
  });
  expect(named.length).toBeGreaterThan(10);
  for (const address of named) expect(address).toMatch(/^\w+\.\w+$/);
});

test("replaces a changed X-Ray policy, because the provider cannot update it", () => {
  const stack = synthStack({ stage: stageWith({ tracing: true }) });
  const { policy_document, lifecycle } = at(stack, "aws_xray_resource_policy.events");
  expect(lifecycle).toEqual({ replace_triggered_by: ["terraform_data.events_traces"] });
  expect(at(stack, "terraform_data.events_traces").input).toEqual({ document: policy_document });
});
