import { streamArn } from "../archive/stream-arn";
import type { ResourceType } from "./resource-type";

/** Records wait in aws/firehose/intakes.ts; archive/delivery-stream.ts delivers them. */
export const awsKinesisFirehoseDeliveryStream: ResourceType = {
  computed: (block, { region }) => ({ arn: streamArn(block, region) }),
};
