import type { ListMessageMoveTasksRequest, ListMessageMoveTasksResult } from "@aws-sdk/client-sqs";
import type { Action } from "../../gateway/service";
import { MAX_TASKS } from "../message-move-tasks";
import { inRange } from "../parameters";
import type { Sqs } from "../sqs";
import { queueOfTask } from "./start-message-move-task";

export const ListMessageMoveTasks: Action<ListMessageMoveTasksRequest, ListMessageMoveTasksResult, Sqs> = {
  handles: ["SourceArn", "MaxResults"],
  run({ SourceArn = "", MaxResults }, sqs) {
    const source = queueOfTask(sqs, "SourceArn", SourceArn);
    const limit = inRange("MaxResults", MaxResults, 1, MAX_TASKS) ?? 1;
    const tasks = sqs.moveTasks.of(source).slice(0, limit);
    return { Results: tasks.map((task) => task.describe()) };
  },
};
