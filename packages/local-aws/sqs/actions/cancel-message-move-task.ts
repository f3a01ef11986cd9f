import type { CancelMessageMoveTaskRequest, CancelMessageMoveTaskResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { AwsError } from "../../protocols/aws-error";
import type { Sqs } from "../sqs";

export const CancelMessageMoveTask: Action<CancelMessageMoveTaskRequest, CancelMessageMoveTaskResult, Sqs> = {
  handles: ["TaskHandle"],
  run({ TaskHandle = "" }, { moveTasks }) {
    const task = moveTasks.find(TaskHandle);
    if (!task) throw new AwsError("ResourceNotFoundException", "Task does not exist.");
    if (!task.isActive) throw new AwsError("UnsupportedOperation", "Only active tasks can be cancelled.");
    task.cancel();
    return { ApproximateNumberOfMessagesMoved: task.moved };
  },
};
