import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { policyNames, type ResourceCheck, type Setting } from "../resource-check";

const ATTRIBUTES = [
  ["visibility_timeout_seconds", "VisibilityTimeout"],
  ["message_retention_seconds", "MessageRetentionPeriod"],
  ["max_message_size", "MaximumMessageSize"],
  ["sqs_managed_sse_enabled", "SqsManagedSseEnabled"],
] as const;

export const queue: ResourceCheck = {
  name: ({ name }) => String(name),
  settings: async (config, pipeline) => {
    const { queueUrl: QueueUrl } = await pipeline.queue(String(config.name));
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
    const { Attributes = {} } = await pipeline.client(SQSClient).send(command);
    const settings: Setting[] = ATTRIBUTES.filter(([argument]) => config[argument] !== undefined).map(
      ([argument, attribute]) => ({ name: attribute, expected: config[argument], actual: Attributes[attribute] }),
    );
    if (typeof config.redrive_policy === "string") {
      settings.push({
        name: "RedrivePolicy",
        expected: JSON.parse(config.redrive_policy),
        actual: policyNames(Attributes.RedrivePolicy) ?? "none",
      });
    }
    return settings;
  },
};

/** Compares only the policy statements that allow AWS services to send messages to the queue. */
export const queuePolicy: ResourceCheck = {
  name: ({ queue_url: name }) => String(name),
  settings: async ({ queue_url: name, policy }, pipeline) => {
    const expected = sendersIn(JSON.parse(String(policy)));
    // Throws if the queue does not exist.
    const { queueUrl: QueueUrl } = await pipeline.queue(String(name));
    if (expected.length === 0) return [];
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
    const { Attributes } = await pipeline.client(SQSClient).send(command);
    const actual = Attributes?.Policy === undefined ? undefined : sendersIn(policyNames(Attributes.Policy));
    return [
      {
        name: "Policy (allowed senders)",
        expected,
        actual,
        fix: "npm run deploy. Without this policy, SNS cannot deliver to the queue: its events are in the queue of undelivered events, or only in the archive (event-pipeline reconcile).",
      },
    ];
  },
};

interface PolicyJson {
  readonly Statement?: readonly {
    readonly Effect?: string;
    readonly Principal?: { readonly Service?: string };
    readonly Condition?: unknown;
  }[];
}

function sendersIn(policy: unknown): unknown[] {
  return ((policy as PolicyJson).Statement ?? []).flatMap(({ Effect, Principal, Condition }) =>
    Effect === "Allow" && Principal?.Service !== undefined
      ? [{ service: Principal.Service, condition: Condition }]
      : [],
  );
}
