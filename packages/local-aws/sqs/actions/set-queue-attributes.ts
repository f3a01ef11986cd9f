import type { SetQueueAttributesRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { AttributeTexts } from "../queue-attributes";
import type { Sqs } from "../sqs";

type Input = Omit<SetQueueAttributesRequest, "Attributes"> & { Attributes: AttributeTexts | undefined };

export const SetQueueAttributes: Action<Input, void, Sqs> = {
  handles: ["QueueUrl", "Attributes"],
  differs: "stores policies, and does not enforce them; does not encrypt; takes effect at once",
  run: ({ QueueUrl, Attributes = {} }, sqs) => sqs.setAttributes(sqs.queueByUrl(QueueUrl), Attributes),
};
