import { createHash } from "node:crypto";
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueUrlCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "@event-pipeline/local-aws/clients";
import type { LocalAws } from "@event-pipeline/local-aws/local-aws";
import type { Block, SynthesizedStack } from "@event-pipeline/terraform-json/synthesized-stack";
import { deliveryDestination } from "./delivery-destination";
import { createTable } from "./dynamodb-table";
import { endpointOf } from "./subscription-endpoint";

/** The parts of ARNs and URLs that the synthesized stack does not contain. */
export interface StackLocation {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

export interface CreateContext {
  readonly stack: SynthesizedStack;
  readonly clients: Clients;
  /** Used for what would need one more client. */
  readonly aws: Pick<LocalAws, "firehose" | "iam" | "kms">;
  /** Time that records wait for the archive. */
  readonly archiveIntervalSeconds: number;
}

/** Describes how the local run supports one Terraform type. */
interface ResourceType {
  /** Returns the attributes that the provider computes, such as the ARN. @default - none */
  readonly computed?: (block: Block, location: StackLocation) => Readonly<Record<string, string>>;
  /** Returns whether the block runs locally; otherwise its address is listed as not run. @default - always */
  readonly runsLocally?: (block: Block) => boolean;
  /** Arguments that the local run ignores, in addition to `tags`. @default - none */
  readonly ignoredArguments?: readonly string[];
  /**
   * Creates the resource through AWS's API, or updates one that an earlier run left in the data folder.
   *
   * @default - nothing is created; the block is only read, or has its own class
   */
  readonly create?: (block: Block, context: CreateContext) => unknown;
}

const QUEUE_ATTRIBUTES: Readonly<Record<string, string>> = {
  visibility_timeout_seconds: "VisibilityTimeout",
  message_retention_seconds: "MessageRetentionPeriod",
  receive_wait_time_seconds: "ReceiveMessageWaitTimeSeconds",
  delay_seconds: "DelaySeconds",
  max_message_size: "MaximumMessageSize",
  sqs_managed_sse_enabled: "SqsManagedSseEnabled",
  redrive_policy: "RedrivePolicy",
};

/** SNS attributes by Terraform argument. They are set in this order, because a filter policy must match its scope. */
const SUBSCRIPTION_ATTRIBUTES: Readonly<Record<string, string>> = {
  raw_message_delivery: "RawMessageDelivery",
  subscription_role_arn: "SubscriptionRoleArn",
  redrive_policy: "RedrivePolicy",
  filter_policy_scope: "FilterPolicyScope",
  filter_policy: "FilterPolicy",
};

/** SNS's defaults. */
const SUBSCRIPTION_DEFAULTS: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: "MessageAttributes",
};

/** The supported types in the order of creation: subscriptions come after their endpoints. */
const TYPES: Readonly<Record<string, ResourceType>> = {
  // Functions run from the folder that Terraform would zip.
  archive_file: {},
  aws_caller_identity: { computed: (_block, { accountId }) => ({ account_id: accountId }) },
  // Stored with its policy, which nothing enforces. It encrypts nothing.
  aws_kms_key: {
    computed: (block, location) => {
      const id = keyId(block);
      return { arn: arnOf("kms", `key/${id}`, location), id, key_id: id };
    },
    create: (block, { aws: { kms } }) =>
      kms.put(keyId(block), String(block.get("description") ?? ""), text(block, "policy")),
  },
  // Stored with their policies, which nothing enforces.
  aws_iam_role: {
    computed: (block, { accountId }) => {
      const name = text(block, "name");
      return { arn: `arn:aws:iam::${accountId}:role/${name}`, id: name };
    },
    create: (block, { aws: { iam } }) => {
      const [name, trustPolicy] = [text(block, "name"), text(block, "assume_role_policy")];
      iam.put({ name, trustPolicy, path: "/", maxSessionSeconds: 3_600, tags: [] });
    },
  },
  aws_iam_role_policy: {
    create: (block, { aws: { iam } }) => {
      const role = iam.role(text(block, "role"));
      iam.setPolicies(role, { ...role.policies, [text(block, "name")]: text(block, "policy") });
    },
  },
  aws_sns_topic: {
    computed: (block, location) => {
      const arn = arnOf("sns", text(block, "name"), location);
      return { arn, id: arn };
    },
    create: (block, { clients }) => clients.sns.send(new CreateTopicCommand({ Name: text(block, "name") })),
  },
  // Stored as attributes, like those of queues.
  aws_sns_topic_policy: {
    create: (block, { clients }) => {
      const [TopicArn, AttributeValue] = [text(block, "arn"), text(block, "policy")];
      return clients.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    },
  },
  aws_sqs_queue: {
    computed: (block, location) => {
      const name = text(block, "name");
      const url = `${location.endpoint}/${location.accountId}/${name}`;
      return { arn: arnOf("sqs", name, location), id: url, url };
    },
    create: async (block, { clients: { sqs } }) => {
      const QueueName = text(block, "name");
      const Attributes = attributesOf(block, QUEUE_ATTRIBUTES);
      await sqs.send(new CreateQueueCommand({ QueueName, Attributes })).catch(async (error: Error) => {
        ignore("QueueNameExists", "QueueAlreadyExists")(error);
        const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
      });
    },
  },
  aws_sqs_queue_redrive_allow_policy: { create: setQueueAttribute("redrive_allow_policy", "RedriveAllowPolicy") },
  // Stored as an attribute. Only `endpointOf` evaluates it.
  aws_sqs_queue_policy: { create: setQueueAttribute("policy", "Policy") },
  aws_dynamodb_table: {
    computed: (block, location) => {
      const name = text(block, "name");
      return { arn: arnOf("dynamodb", `table/${name}`, location), id: name };
    },
    ignoredArguments: ["point_in_time_recovery"],
    create: (block, { clients }) => createTable(block, clients.dynamodb),
  },
  aws_s3_bucket: {
    computed: (block) => {
      const bucket = text(block, "bucket");
      return { arn: `arn:aws:s3:::${bucket}`, id: bucket };
    },
    create: (block, { clients }) =>
      clients.s3
        .send(new CreateBucketCommand({ Bucket: text(block, "bucket") }))
        .catch(ignore("BucketAlreadyOwnedByYou", "BucketAlreadyExists")),
  },
  aws_s3_bucket_versioning: {
    create: (block, { clients }) => {
      const { status } = block.nested("versioning_configuration");
      const VersioningConfiguration = { Status: status as "Enabled" | "Suspended" };
      return clients.s3.send(
        new PutBucketVersioningCommand({ Bucket: text(block, "bucket"), VersioningConfiguration }),
      );
    },
  },
  aws_s3_object: {
    ignoredArguments: ["content_type", "override_provider"],
    create: (block, { clients }) => putObject(block, clients.s3),
  },
  aws_kinesis_firehose_delivery_stream: {
    computed: (block, location) => ({ arn: arnOf("firehose", `deliverystream/${block.get("name")}`, location) }),
    create: (block, { aws, archiveIntervalSeconds }) => {
      const destination = deliveryDestination(block.nested("extended_s3_configuration"));
      aws.firehose.createStream({
        name: text(block, "name"),
        destination,
        bufferingMs: archiveIntervalSeconds * 1_000,
      });
    },
  },
  // Created together with its function. Delivery errors from Firehose appear as notes instead.
  aws_cloudwatch_log_group: {
    computed: (block, location) => ({ arn: arnOf("logs", `log-group:${block.get("name")}`, location) }),
    runsLocally: (block) => text(block, "name").startsWith("/aws/lambda/"),
  },
  aws_lambda_function: {
    computed: (block, location) => ({ arn: arnOf("lambda", `function:${block.get("function_name")}`, location) }),
  },
  aws_lambda_event_source_mapping: {},
  aws_sns_topic_subscription: {
    // The local run sends no email.
    runsLocally: (block) => ["sqs", "firehose"].includes(text(block, "protocol")),
    create: subscribe,
  },
};

/** Returns the attributes that a provider computes for the block; none for an unsupported type. */
export function computedAttributes(block: Block, location: StackLocation): Readonly<Record<string, string>> {
  return TYPES[block.type]?.computed?.(block, location) ?? {};
}

/** Returns whether the block runs locally. */
export function runsLocally(block: Block): boolean {
  const type = TYPES[block.type];
  return type !== undefined && (type.runsLocally?.(block) ?? true);
}

/** Returns the addresses of the arguments that the block sets and the local run ignores. */
export function ignoredArguments(block: Block): string[] {
  return ["tags", ...(TYPES[block.type]?.ignoredArguments ?? [])]
    .filter((argument) => block.get(argument) !== undefined)
    .map((argument) => `${block.address}.${argument}`);
}

/** Creates the stack's resources. */
export async function createResources(context: CreateContext): Promise<void> {
  for (const [name, { create }] of Object.entries(TYPES)) {
    if (!create) continue;
    const blocks = context.stack.ofType(name).filter(runsLocally);
    // Dead-letter queues come before the queues that refer to them.
    const hasTarget = (block: Block) => Number(block.get("redrive_policy") !== undefined);
    for (const block of blocks.sort((a, b) => hasTarget(a) - hasTarget(b))) await create(block, context);
  }
}

/**
 * Creates the subscription, or updates the one of an earlier run. It does not unsubscribe first: events published in
 * between would be lost.
 */
async function subscribe(block: Block, { stack, clients: { sns } }: CreateContext): Promise<void> {
  const TopicArn = text(block, "topic_arn");
  const Protocol = text(block, "protocol");
  const Endpoint = endpointOf(stack, block);
  const Attributes = attributesOf(block, SUBSCRIPTION_ATTRIBUTES);
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  const existing = Subscriptions.find((subscription) => subscription.Endpoint === Endpoint);
  if (!existing) {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
    return;
  }
  const set = (AttributeName: string, AttributeValue: string) => {
    const { SubscriptionArn } = existing;
    return sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  };
  // The old policy may not match the new scope. No event is published yet.
  await set("FilterPolicy", "");
  for (const name of Object.values(SUBSCRIPTION_ATTRIBUTES)) {
    await set(name, Attributes[name] ?? SUBSCRIPTION_DEFAULTS[name] ?? "");
  }
}

/** Writes the object, unless an earlier run left the same one: each write is a new version. */
export async function putObject(block: Block, s3: Clients["s3"]): Promise<void> {
  const [Bucket, Key, Body] = [text(block, "bucket"), text(block, "key"), text(block, "content")];
  const existing = await s3.send(new GetObjectCommand({ Bucket, Key })).catch(ignore("NoSuchKey"));
  if ((await existing?.Body?.transformToString()) !== Body) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

/** Returns a function that sets an attribute of a block's queue from an argument. */
function setQueueAttribute(argument: string, attribute: string) {
  return (block: Block, { clients }: CreateContext) => {
    const Attributes = { [attribute]: text(block, argument) };
    return clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: text(block, "queue_url"), Attributes }));
  };
}

/** Returns the ID of a key, the same in each run. */
function keyId({ address }: Block): string {
  const digest = createHash("sha256").update(address).digest("hex");
  return [8, 12, 16, 20, 32].map((end, index, ends) => digest.slice(ends[index - 1] ?? 0, end)).join("-");
}

function text(block: Block, argument: string): string {
  return String(block.get(argument));
}

function arnOf(service: string, resource: string, { region, accountId }: StackLocation): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** Returns the API attributes for the arguments that the block sets. `names` maps arguments to attributes. */
function attributesOf(block: Block, names: Readonly<Record<string, string>>): Record<string, string> {
  const set = Object.entries(names).filter(([argument]) => block.get(argument) !== undefined);
  return Object.fromEntries(set.map(([argument, attribute]) => [attribute, text(block, argument)]));
}

/** Returns an error handler that ignores errors with these names and rethrows all others. */
function ignore(...names: string[]): (error: Error) => void {
  return (error) => {
    if (!names.includes(error.name)) throw error;
  };
}
