import { GetSubscriptionAttributesCommand, GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { NotDeployedError } from "../../errors";
import { listSubscriptions } from "../../subscriptions";
import { nameIn, policyNames, type ResourceCheck, type Setting } from "../resource-check";

export const topic: ResourceCheck = {
  name: ({ name }) => String(name),
  settings: async ({ name, kms_master_key_id: key }, pipeline) => {
    const arn = (await pipeline.topicArn()).replace(/[^:]+$/, String(name));
    const command = new GetTopicAttributesCommand({ TopicArn: arn });
    const { Attributes = {} } = await pipeline.client(SNSClient).send(command);
    return key === undefined
      ? []
      : [{ name: "KmsMasterKeyId", expected: "a key", actual: Attributes.KmsMasterKeyId && "a key" }];
  },
};

export const subscription: ResourceCheck = {
  name: ({ protocol, endpoint }) => `${protocol} ${nameIn(String(endpoint))}`,
  settings: async (config, pipeline) => {
    const sns = pipeline.client(SNSClient);
    const all = await listSubscriptions(pipeline);
    const { protocol, endpoint } = config;
    const found = all.find((each) => each.protocol === protocol && nameIn(each.endpoint) === nameIn(String(endpoint)));
    if (!found) {
      throw new NotDeployedError(
        `The topic has no confirmed ${protocol} subscription for ${nameIn(String(endpoint))}, so SNS delivers no events there.`,
      );
    }
    const { Attributes = {} } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: found.arn }));
    const json = (text: unknown) => (text ? JSON.parse(String(text)) : "none");
    const settings: Setting[] = [
      {
        name: "RawMessageDelivery",
        expected: config.raw_message_delivery,
        actual: Attributes.RawMessageDelivery ?? "false",
      },
      {
        name: "FilterPolicy",
        expected: json(config.filter_policy),
        actual: json(Attributes.FilterPolicy),
        fix: "npm run deploy, then event-pipeline archive replay --only-missing: the archive has the events that the policy filtered out.",
      },
      {
        name: "RedrivePolicy",
        expected: json(config.redrive_policy),
        actual: policyNames(Attributes.RedrivePolicy) ?? "none",
      },
    ];
    if (config.filter_policy) {
      const actual = Attributes.FilterPolicyScope ?? "MessageAttributes";
      settings.push({ name: "FilterPolicyScope", expected: config.filter_policy_scope, actual });
    }
    return settings.filter(({ expected }) => expected !== undefined);
  },
};
