import type { StartMessageMoveTaskRequest, StartMessageMoveTaskResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import { inRange, missingParameter } from "../parameters";
import type { Queue } from "../queue";
import type { Sqs } from "../sqs";

const MAX_MESSAGES_PER_SECOND = 500;

export const StartMessageMoveTask: Action<StartMessageMoveTaskRequest, StartMessageMoveTaskResult, Sqs> = {
  handles: ["SourceArn", "DestinationArn", "MaxNumberOfMessagesPerSecond"],
  differs: "ends when the server stops; messages that are not moved stay in the dead-letter queue",
  run({ SourceArn = "", DestinationArn, MaxNumberOfMessagesPerSecond }, sqs) {
    const source = queueOfTask(sqs, "SourceArn", SourceArn);
    const rate = inRange("MaxNumberOfMessagesPerSecond", MaxNumberOfMessagesPerSecond, 1, MAX_MESSAGES_PER_SECOND);
    if (sqs.sourcesOf(source).length === 0) {
      throw new AwsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
    }
    const destination = DestinationArn ? queueOfTask(sqs, "DestinationArn", DestinationArn) : undefined;
    if (destination === source) {
      const message = "Source queue arn and destination queue arn cannot be the same.";
      throw new AwsError("InvalidParameterValue", message);
    }
    return { TaskHandle: sqs.moveTasks.start(source, destination, rate).handle };
  },
};

/** Returns a queue by a parameter of a message move task. @throws AwsError when it does not exist. */
export function queueOfTask(sqs: Sqs, parameter: string, arn: string): Queue {
  if (arn === "") throw missingParameter(parameter);
  const queue = sqs.queueByArn(arn);
  if (queue) return queue;
  const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
  throw new AwsError("ResourceNotFoundException", message);
}
