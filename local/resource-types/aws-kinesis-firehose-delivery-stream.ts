import { intakeQueueName } from "../archive/intake-queue";
import { createQueue } from "./aws-sqs-queue";
import { arnOf, type ResourceType } from "./resource-type";

/** Makes the queue that the stream's records wait in; archive/delivery-stream.ts delivers them. */
export const awsKinesisFirehoseDeliveryStream: ResourceType = {
  computed: (block, around) => ({ arn: arnOf("firehose", `deliverystream/${block.get("name")}`, around) }),
  create: (block, { clients }) => createQueue(clients.sqs, intakeQueueName(block), {}),
};
