// The rules of cdk-nag (AwsSolutions) for the pipeline's services, asserted on the synthesized JSON. Exceptions are
// next to their rules, with reasons. The snapshot covers S2, DDB3, KDF1 and L1.
import { at, type Synthesized, stageWith, synthStack } from "@event-pipeline/testing/synthesized";

interface PolicyStatementJson {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const KEY = "${aws_kms_key.events.arn}";
const subscribers = { alerts: { handler: "alert-log" } };
const variants: readonly [string, Synthesized][] = [
  ["with the defaults", synthStack({ stage: stageWith({}, subscribers) })],
  [
    "with a key and other publishers",
    synthStack({
      stage: stageWith({
        kmsKey: "create",
        publisherAccounts: ["123456789012"],
        publisherOrganization: "o-a1b2c3d4e5",
        publisherServices: ["events.amazonaws.com", "s3.amazonaws.com"],
      }),
    }),
  ],
  [
    "with a key, delivery logs, traces and email",
    synthStack({
      stage: stageWith({
        kmsKey: "create",
        encryptLogs: true,
        deliveryStatusLogging: true,
        tracing: true,
        alarmEmail: "a@b.co",
      }),
    }),
  ],
];

function all(stack: Synthesized, type: string): [string, Record<string, unknown>][] {
  return Object.entries(stack.resource[type] ?? {}).map(([name, config]) => [`${type}.${name}`, config]);
}

function statementsOf(policy: unknown): PolicyStatementJson[] {
  return (JSON.parse(String(policy)) as { Statement: PolicyStatementJson[] }).Statement;
}

/** Returns every policy in the JSON, by argument. */
function policies(stack: Synthesized): [string, PolicyStatementJson[]][] {
  return Object.keys(stack.resource)
    .flatMap((type) => all(stack, type))
    .flatMap(([address, { policy, assume_role_policy, policy_document }]) =>
      [policy, assume_role_policy, policy_document].flatMap((text): [string, PolicyStatementJson[]][] =>
        text === undefined ? [] : [[address, statementsOf(text)]],
      ),
    );
}

function deniesInsecureTransport(statements: readonly PolicyStatementJson[], resource: string): boolean {
  return statements.some(
    ({ Effect, Principal, Resource, Condition }) =>
      Effect === "Deny" &&
      Principal === "*" &&
      [Resource].flat().includes(resource) &&
      Condition?.Bool?.["aws:SecureTransport"] === "false",
  );
}

/** Resources that must be or end in a wildcard, with reasons. */
const WILDCARD_RESOURCES: readonly { address: RegExp; resource: RegExp; reason: string }[] = [
  {
    address: /^aws_iam_role_policy\./,
    resource: /:log-stream:\*$/,
    reason: "Lambda and Firehose choose the names of their log streams",
  },
  {
    address: /^aws_iam_role_policy\.firehose_s3$/,
    resource: /^\$\{aws_s3_bucket\.events_raw\.arn\}\/\*$/,
    reason: "object keys contain the time of delivery",
  },
  { address: /^aws_kms_key\.events$/, resource: /^\*$/, reason: "in a key policy, * is the key itself" },
  {
    address: /^(aws_iam_role_policy\.event_processor|aws_xray_resource_policy\.events)$/,
    resource: /^\*$/,
    reason: "X-Ray's actions support no resources",
  },
];

/** Allowed actions with a wildcard, with reasons. */
const WILDCARD_ACTIONS: readonly { address: string; action: string; reason: string }[] = [
  { address: "aws_kms_key.events", action: "kms:*", reason: "the account keeps the key manageable, as AWS prescribes" },
];

describe.each(variants)("%s", (_, stack) => {
  test("IAM5: no policy allows an unlisted wildcard", () => {
    for (const [address, statements] of policies(stack)) {
      for (const { Effect, Sid, Action, Resource = [] } of statements) {
        if (Effect !== "Allow") continue;
        for (const action of [Action].flat().filter((each) => each.includes("*"))) {
          expect(WILDCARD_ACTIONS.map((known) => `${known.address} ${known.action}`)).toContain(`${address} ${action}`);
        }
        for (const resource of [Resource].flat().filter((each) => each.includes("*"))) {
          const known = WILDCARD_RESOURCES.some((each) => each.address.test(address) && each.resource.test(resource));
          expect(known ? "listed" : `${address} ${Sid} ${resource}`).toBe("listed");
        }
      }
    }
  });

  test("no policy allows everyone, except an organization's accounts", () => {
    for (const [, statements] of policies(stack)) {
      for (const { Effect, Principal, Condition } of statements) {
        const organization = Condition?.StringEquals?.["aws:PrincipalOrgID"];
        if (Effect === "Allow" && organization === undefined)
          expect(JSON.stringify(Principal ?? {})).not.toContain('"*"');
      }
    }
  });

  test("every service is restricted to this topic or account", () => {
    const resourcePolicies = policies(stack).filter(([address]) => !address.startsWith("aws_iam_"));
    for (const [, statements] of resourcePolicies) {
      for (const { Sid, Effect, Principal, Condition } of statements) {
        if (Effect !== "Allow" || !JSON.stringify(Principal).includes("Service")) continue;
        // Exception: EventBridge publishes only without a condition, and uses the key only for this topic.
        if (Sid === "ServicesWithoutAccount") {
          expect(Principal).toEqual({ Service: ["events.amazonaws.com"] });
          continue;
        }
        expect(Object.values(Condition ?? {}).flatMap(Object.keys)).toContainEqual(
          // CloudWatch Logs sends the encryption context, which contains the account.
          expect.stringMatching(/^(aws:Source(Arn|Account)|kms:EncryptionContext:aws:logs:arn)$/),
        );
      }
    }
  });

  test("IAM4: no role uses an AWS managed policy", () => {
    for (const [, role] of all(stack, "aws_iam_role")) expect(role.managed_policy_arns).toBeUndefined();
    expect(stack.resource.aws_iam_role_policy_attachment).toBeUndefined();
  });

  test("SQS2: every queue is encrypted", () => {
    for (const [, queue] of all(stack, "aws_sqs_queue")) {
      expect(queue.sqs_managed_sse_enabled === true || queue.kms_master_key_id === KEY).toBe(true);
    }
  });

  test("SQS3: every queue has or is a dead-letter queue", () => {
    const queues = all(stack, "aws_sqs_queue");
    const targets = JSON.stringify(
      [...queues, ...all(stack, "aws_sns_topic_subscription")].map(([, q]) => q.redrive_policy),
    );
    for (const [address, queue] of queues) {
      expect(queue.redrive_policy !== undefined || targets.includes(`\${${address}.arn}`)).toBe(true);
    }
  });

  test("SQS4: every queue denies requests without TLS", () => {
    const byQueue = all(stack, "aws_sqs_queue_policy").map(([, { queue_url, policy }]) => ({ queue_url, policy }));
    for (const [address] of all(stack, "aws_sqs_queue")) {
      const found = byQueue.filter(({ queue_url }) => queue_url === `\${${address}.id}`);
      expect(found.some(({ policy }) => deniesInsecureTransport(statementsOf(policy), `\${${address}.arn}`))).toBe(
        true,
      );
    }
  });

  // Exception without kmsKey: CloudWatch alarms and publishers in other accounts cannot use alias/aws/sns. Exception
  // with kmsKey: the alarm topic, which must work if the key is disabled, and holds no events.
  test("SNS2: with a key, the events topic is encrypted", () => {
    const hasKey = stack.resource.aws_kms_key !== undefined;
    expect(at(stack, "aws_sns_topic.events").kms_master_key_id).toBe(hasKey ? KEY : undefined);
    expect(at(stack, "aws_sns_topic.alarms").kms_master_key_id).toBeUndefined();
  });

  test("SNS3: every topic denies requests without TLS", () => {
    for (const [address] of all(stack, "aws_sns_topic")) {
      const { policy } = at(stack, address.replace("aws_sns_topic", "aws_sns_topic_policy"));
      expect(deniesInsecureTransport(statementsOf(policy), `\${${address}.arn}`)).toBe(true);
    }
  });

  test("every subscription to the events topic has a dead-letter queue", () => {
    const subscriptions = all(stack, "aws_sns_topic_subscription").filter(([, { protocol }]) => protocol !== "email");
    for (const [, { redrive_policy }] of subscriptions) {
      expect(JSON.parse(String(redrive_policy))).toEqual({
        deadLetterTargetArn: "${aws_sqs_queue.events_undelivered.arn}",
      });
    }
    expect(subscriptions.length).toBeGreaterThanOrEqual(2);
  });

  // Exception: only Firehose writes here, and a bucket for access logs would need the same rules. CloudTrail's data events
  // contain more.
  test("S1: the bucket writes no access logs", () => {
    expect(stack.resource.aws_s3_bucket_logging).toBeUndefined();
  });

  test("S10: the bucket and its objects deny requests without TLS", () => {
    const statements = statementsOf(at(stack, "aws_s3_bucket_policy.events_raw").policy);
    for (const resource of ["${aws_s3_bucket.events_raw.arn}", "${aws_s3_bucket.events_raw.arn}/*"]) {
      expect(deniesInsecureTransport(statements, resource)).toBe(true);
    }
  });
});

test("encrypts all events with the key, which roles use only through services", () => {
  const stack = synthStack({ stage: stageWith({ kmsKey: "create" }, subscribers) });
  expect(at(stack, "aws_dynamodb_table.events").server_side_encryption).toEqual({ enabled: true, kms_key_arn: KEY });
  expect(JSON.stringify(at(stack, "aws_s3_bucket_server_side_encryption_configuration.events_raw"))).toContain(KEY);
  for (const [, queue] of all(stack, "aws_sqs_queue")) expect(queue.kms_master_key_id).toBe(KEY);
  const useOf = (role: string) =>
    statementsOf(at(stack, `aws_iam_role_policy.${role}_key`).policy)
      .filter(({ Resource }) => [Resource].flat().includes(KEY))
      .map(({ Action, Condition }) => [Condition?.StringEquals?.["kms:ViaService"], Action]);
  expect(useOf("event_processor")).toEqual([
    ["sqs.us-east-1.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"]],
    ["dynamodb.us-east-1.amazonaws.com", ["kms:Decrypt"]],
  ]);
  expect(useOf("alerts_processor")).toEqual([["sqs.us-east-1.amazonaws.com", ["kms:Decrypt"]]]);
  expect(useOf("firehose_s3")).toEqual([["s3.us-east-1.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"]]]);
  const services = statementsOf(at(stack, "aws_kms_key.events").policy).find(({ Sid }) => Sid === "UsedBySns");
  expect(services?.Principal).toEqual({ Service: "sns.amazonaws.com" });
});

describe.each([true, false])("with retainData %s", (retainData) => {
  const stage = stageWith({ kmsKey: "create", retainData }, { alerts: { handler: "alert-log" } });
  const { resource } = synthStack({ stage });

  test.each([
    ["aws_dynamodb_table", 1],
    ["aws_s3_bucket", 1],
    // Two for each consumer, and the undelivered queue.
    ["aws_sqs_queue", 5],
    ["aws_kms_key", 1],
  ])("protects each %s if retainData is true", (type, count) => {
    const lifecycles = Object.values(resource[type] ?? {}).map(({ lifecycle }) => lifecycle);
    expect(lifecycles).toEqual(Array(count).fill(retainData ? { prevent_destroy: true } : undefined));
  });

  test.each(["aws_dynamodb_table", "aws_kms_key", "aws_s3_bucket", "aws_sns_topic", "aws_sqs_queue"])(
    "plans each %s after the deployment guard",
    (type) => {
      const blocks = Object.values(resource[type] ?? {});
      expect(blocks).not.toEqual([]);
      for (const { depends_on } of blocks) expect(depends_on).toContain("terraform_data.events_deployment");
    },
  );
});

test.each([undefined, "arn:aws:kms:us-east-1:123456789012:key/1"])(
  "with kmsKey %s, forgets a key that an earlier deploy created",
  (kmsKey) => {
    const { removed } = synthStack({ stage: stageWith({ ...(kmsKey && { kmsKey }) }) });
    expect(removed).toEqual(
      ["aws_kms_key.events", "aws_kms_alias.events"].map((from) => ({ from, lifecycle: { destroy: false } })),
    );
  },
);

test("with kmsKey create, forgets nothing", () => {
  expect(synthStack({ stage: stageWith({ kmsKey: "create" }) }).removed).toBeUndefined();
});

test("encrypts log groups only with encryptLogs, and only for CloudWatch Logs in this region and account", () => {
  const logsOf = (encryptLogs: boolean) => {
    const stack = synthStack({ stage: stageWith({ kmsKey: "create", encryptLogs }) });
    const keys = all(stack, "aws_cloudwatch_log_group").map(([, { kms_key_id }]) => kms_key_id);
    const use = statementsOf(at(stack, "aws_kms_key.events").policy).find(({ Sid }) => Sid === "UsedByLogs");
    return { keys: [...new Set(keys)], use };
  };
  expect(logsOf(false)).toEqual({ keys: [undefined], use: undefined });
  expect(logsOf(true)).toMatchObject({
    keys: [KEY],
    use: {
      Principal: { Service: "logs.us-east-1.amazonaws.com" },
      Condition: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn":
            "arn:aws:logs:us-east-1:${data.aws_caller_identity.current.account_id}:log-group:*",
        },
      },
    },
  });
});

test("lets other publishers use the key only through SNS", () => {
  const [, stack] = variants[1] as (typeof variants)[number];
  const outside = ["OtherAccounts", "Organization", "Services", "ServicesWithoutAccount"];
  const grants = (address: string) =>
    statementsOf(at(stack, address).policy).filter(({ Sid }) => outside.includes(String(Sid)));
  const [topic, key] = [grants("aws_sns_topic_policy.events"), grants("aws_kms_key.events")];
  expect(topic.map(({ Sid }) => Sid)).toEqual(outside);
  expect(new Set(topic.map(({ Action }) => Action))).toEqual(new Set(["sns:Publish"]));
  expect(key.map(({ Sid, Principal }) => ({ Sid, Principal }))).toEqual(
    topic.map(({ Sid, Principal }) => ({ Sid, Principal })),
  );
  for (const { Action } of key) expect(Action).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
  const [throughSns, organization] = [
    { "kms:ViaService": "sns.us-east-1.amazonaws.com" },
    { "aws:PrincipalOrgID": "o-a1b2c3d4e5" },
  ];
  const account = { "aws:SourceAccount": "${data.aws_caller_identity.current.account_id}" };
  // The key exists before the topic, so the ARN is built from the name.
  const topicArn = "arn:aws:sns:us-east-1:${data.aws_caller_identity.current.account_id}:${var.name}-events";
  const conditions = (statements: readonly PolicyStatementJson[]) =>
    statements.map(({ Condition }) => Condition?.StringEquals);
  expect(conditions(topic)).toEqual([undefined, organization, account, undefined]);
  expect(conditions(key)).toEqual([
    throughSns,
    { ...organization, ...throughSns },
    account,
    { "kms:EncryptionContext:aws:sns:topicArn": topicArn },
  ]);
});

test("lets SNS and Firehose assume roles for this account only", () => {
  const stack = synthStack({ stage: stageWith({ deliveryStatusLogging: true }, subscribers) });
  const trusts = all(stack, "aws_iam_role").map(([address, { assume_role_policy }]) => {
    const [{ Principal, Condition } = {} as PolicyStatementJson] = statementsOf(assume_role_policy);
    return [address.replace("aws_iam_role.", ""), Principal, Condition?.StringEquals?.["aws:SourceAccount"]];
  });
  const account = "${data.aws_caller_identity.current.account_id}";
  expect(trusts.sort()).toEqual([
    ["alerts_processor", { Service: "lambda.amazonaws.com" }, undefined],
    ["event_processor", { Service: "lambda.amazonaws.com" }, undefined],
    ["firehose_s3", { Service: "firehose.amazonaws.com" }, account],
    ["sns_firehose", { Service: "sns.amazonaws.com" }, account],
    ["sns_logs", { Service: "sns.amazonaws.com" }, account],
  ]);
});
