import { CreateQueueCommand, GetQueueUrlCommand, SetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { attributesOf } from "../terraform/attribute-names";
import { arnOf, type ResourceType } from "./resource-type";

const ATTRIBUTES: Readonly<Record<string, string>> = {
  visibility_timeout_seconds: "VisibilityTimeout",
  message_retention_seconds: "MessageRetentionPeriod",
  receive_wait_time_seconds: "ReceiveMessageWaitTimeSeconds",
  delay_seconds: "DelaySeconds",
  max_message_size: "MaximumMessageSize",
  redrive_policy: "RedrivePolicy",
};

export const awsSqsQueue: ResourceType = {
  computed: (block, context) => {
    const name = String(block.get("name"));
    const url = `${context.endpoint}/${context.accountId}/${name}`;
    return { arn: arnOf("sqs", name, context), id: url, url };
  },
  create: (block, { clients }) => createQueue(clients.sqs, String(block.get("name")), attributesOf(block, ATTRIBUTES)),
};

/** Makes a queue, or gives the one from an earlier run these attributes. */
export async function createQueue(
  sqs: SQSClient,
  QueueName: string,
  Attributes: Record<string, string>,
): Promise<void> {
  await sqs.send(new CreateQueueCommand({ QueueName, Attributes })).catch(async (error: Error) => {
    if (error.name !== "QueueNameExists" && error.name !== "QueueAlreadyExists") throw error;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  });
}
