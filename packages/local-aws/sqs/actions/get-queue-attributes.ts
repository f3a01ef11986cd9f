import type { GetQueueAttributesRequest, GetQueueAttributesResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import type { Queue } from "../queue";
import { type AttributeTexts, validateReadableNames } from "../queue-attributes";
import type { Sqs } from "../sqs";

export const GetQueueAttributes: Action<GetQueueAttributesRequest, GetQueueAttributesResult, Sqs> = {
  handles: ["QueueUrl", "AttributeNames"],
  run({ QueueUrl, AttributeNames: names = [] }, sqs) {
    const queue = sqs.queueByUrl(QueueUrl);
    validateReadableNames(names);
    const isRequested = (name: string) => (names as readonly string[]).some((each) => each === "All" || each === name);
    const found = Object.entries(allAttributes(queue)).filter(([name]) => isRequested(name));
    return { Attributes: found.length === 0 ? undefined : Object.fromEntries(found) };
  },
};

function allAttributes(queue: Queue): AttributeTexts {
  const { visible, inFlight, delayed } = queue.counts();
  return {
    ...queue.attributes,
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(queue.record.createdAt),
    LastModifiedTimestamp: String(queue.record.modifiedAt),
  };
}
