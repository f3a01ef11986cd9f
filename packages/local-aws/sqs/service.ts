import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { CancelMessageMoveTask } from "./actions/cancel-message-move-task";
import { ChangeMessageVisibility } from "./actions/change-message-visibility";
import { ChangeMessageVisibilityBatch } from "./actions/change-message-visibility-batch";
import { CreateQueue } from "./actions/create-queue";
import { DeleteMessage } from "./actions/delete-message";
import { DeleteMessageBatch } from "./actions/delete-message-batch";
import { DeleteQueue } from "./actions/delete-queue";
import { GetQueueAttributes } from "./actions/get-queue-attributes";
import { GetQueueUrl } from "./actions/get-queue-url";
import { ListDeadLetterSourceQueues } from "./actions/list-dead-letter-source-queues";
import { ListMessageMoveTasks } from "./actions/list-message-move-tasks";
import { ListQueueTags } from "./actions/list-queue-tags";
import { ListQueues } from "./actions/list-queues";
import { PurgeQueue } from "./actions/purge-queue";
import { ReceiveMessage } from "./actions/receive-message";
import { SendMessage } from "./actions/send-message";
import { SendMessageBatch } from "./actions/send-message-batch";
import { SetQueueAttributes } from "./actions/set-queue-attributes";
import { StartMessageMoveTask } from "./actions/start-message-move-task";
import { TagQueue } from "./actions/tag-queue";
import { UntagQueue } from "./actions/untag-queue";
import { missingParameter } from "./parameters";
import type { Sqs } from "./sqs";

export const SQS: ServiceDefinition<Sqs> = {
  name: "SQS",
  schemas: schemasOf("sqs"),
  signingName: "sqs",
  protocols: ["json", "query"],
  targetPrefix: "AmazonSQS",
  queryVersion: "2012-11-05",
  xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
  // Valid requests are smaller, even with 1 MiB of messages that JSON escapes.
  maxBodyBytes: 11 * 1024 * 1024,
  unparsableCode: "SerializationException",
  invalidInput: ({ kind, path, message }) =>
    kind === "missing" ? missingParameter(path) : new AwsError("SerializationException", message),
  actions: {
    CancelMessageMoveTask,
    ChangeMessageVisibility,
    ChangeMessageVisibilityBatch,
    CreateQueue,
    DeleteMessage,
    DeleteMessageBatch,
    DeleteQueue,
    GetQueueAttributes,
    GetQueueUrl,
    ListDeadLetterSourceQueues,
    ListMessageMoveTasks,
    ListQueueTags,
    ListQueues,
    PurgeQueue,
    ReceiveMessage,
    SendMessage,
    SendMessageBatch,
    SetQueueAttributes,
    StartMessageMoveTask,
    TagQueue,
    UntagQueue,
  },
};
