import type { CreateQueueRequest, CreateQueueResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { AttributeTexts } from "../queue-attributes";
import type { Sqs } from "../sqs";
import { validateTags } from "../tags";

type Input = Omit<CreateQueueRequest, "Attributes"> & { Attributes?: AttributeTexts | undefined };

export const CreateQueue: Action<Input, CreateQueueResult, Sqs> = {
  handles: ["QueueName", "Attributes", "tags"],
  differs:
    "creates standard queues only; stores policies, and does not enforce them; does not encrypt; needs no pause after DeleteQueue",
  run({ QueueName = "", Attributes, tags = {} }, sqs) {
    validateTags(tags);
    return { QueueUrl: sqs.createQueue(QueueName, Attributes, tags).url };
  },
};
