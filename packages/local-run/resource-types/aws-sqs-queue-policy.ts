import { SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { ResourceType } from "./resource-type";

/**
 * An attribute of its queue. Whether it lets SNS send is asked when a
 * subscription is made, by terraform/queue-policy.ts; nobody else is kept out.
 */
export const awsSqsQueuePolicy: ResourceType = {
  create: async (block, { clients }) => {
    const Attributes = { Policy: String(block.get("policy")) };
    await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: String(block.get("queue_url")), Attributes }));
  },
};
