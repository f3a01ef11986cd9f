import type { ChangeMessageVisibilityRequest } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import { inRange, missingParameter } from "../parameters";
import type { Queue } from "../queue";
import { invalidValue } from "../queue-attributes";
import type { Sqs } from "../sqs";

export const MAX_VISIBILITY_TIMEOUT = 43_200;

export const ChangeMessageVisibility: Action<ChangeMessageVisibilityRequest, void, Sqs> = {
  handles: ["QueueUrl", "ReceiptHandle", "VisibilityTimeout"],
  run: ({ QueueUrl, ReceiptHandle, VisibilityTimeout }, sqs) =>
    changeVisibility(sqs.queueByUrl(QueueUrl), ReceiptHandle, VisibilityTimeout),
};

/** Changes a message's visibility timeout. @throws AwsError when the message is not in flight. */
export function changeVisibility(queue: Queue, handle: string | undefined, timeout: number | undefined): void {
  if (!handle) throw missingParameter("ReceiptHandle");
  const seconds = inRange("VisibilityTimeout", timeout, 0, MAX_VISIBILITY_TIMEOUT);
  if (seconds === undefined) throw missingParameter("VisibilityTimeout");
  if (queue.changeVisibility(handle, seconds * 1_000)) return;
  if (queue.holds(handle)) {
    throw new AwsError("MessageNotInflight", "The message is visible, because its visibility timeout has ended.");
  }
  const reason = "Message does not exist or is not available for visibility timeout change.";
  throw invalidValue("ReceiptHandle", handle, reason);
}
