import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { arnOf, type ResourceType } from "./resource-type";

export const awsSnsTopic: ResourceType = {
  computed: (block, context) => {
    const arn = arnOf("sns", String(block.get("name")), context);
    return { arn, id: arn };
  },
  create: async (block, { clients }) => {
    await clients.sns.send(new CreateTopicCommand({ Name: String(block.get("name")) }));
  },
};
