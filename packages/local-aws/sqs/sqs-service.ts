import type { IncomingMessage } from "node:http";
import {
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  deleteQueue,
  getQueueUrl,
  listQueueTags,
  purgeQueue,
  type SqsActionHandler,
  SqsError,
  type SqsStore,
  setQueueAttributes,
  tagQueue,
  untagQueue,
} from "../fauxqs/parts";
import type { Service } from "../gateway/gateway";
import { type JsonInput, jsonService } from "../protocols/json-service";
import { AwsError, sendXml } from "../protocols/responses";
import { SQS } from "../supported-actions";
import type { MessageMoveTasks } from "./message-move-tasks";
import { deleteMessage, deleteMessageBatch, receiveMessage, sendMessage, sendMessageBatch } from "./messages";
import { formatQueryOutput, parseQueryInput } from "./query-protocol";
import { createQueue, getQueueAttributes, listDeadLetterSourceQueues, listQueues } from "./queue-actions";
import { validateInput } from "./sqs-input";

/** Maximum body size. Valid requests are smaller, even with 1 MiB of messages that JSON escapes. */
const MAX_BODY_BYTES = 11 * 1024 * 1024;

/**
 * Error codes that get the prefix `AWS.SimpleQueueService.`.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
const PREFIXED_CODES = [
  "BatchEntryIdsNotDistinct",
  "BatchRequestTooLong",
  "EmptyBatchRequest",
  "InvalidBatchEntryId",
  "MessageNotInflight",
  "NonExistentQueue",
  "TooManyEntriesInBatchRequest",
  "UnsupportedOperation",
];

/**
 * Creates the SQS emulator. It supports the JSON protocol, and the query protocol
 * of clients released before November 2023, such as AWS CLI 2.9 in Debian 12.
 */
export function sqsService(store: SqsStore, moveTasks: MessageMoveTasks): Service {
  const handlers: Readonly<Record<string, SqsActionHandler>> = {
    CancelMessageMoveTask: (input) => moveTasks.cancel(input),
    ChangeMessageVisibility: changeMessageVisibility,
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
    CreateQueue: createQueue,
    DeleteMessage: deleteMessage,
    DeleteMessageBatch: deleteMessageBatch,
    DeleteQueue: deleteQueue,
    GetQueueAttributes: getQueueAttributes,
    GetQueueUrl: getQueueUrl,
    ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
    ListMessageMoveTasks: (input) => moveTasks.list(input),
    ListQueues: listQueues,
    ListQueueTags: listQueueTags,
    PurgeQueue: purgeQueue,
    ReceiveMessage: receiveMessage,
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    SetQueueAttributes: setQueueAttributes,
    StartMessageMoveTask: (input) => moveTasks.start(input),
    TagQueue: tagQueue,
    UntagQueue: untagQueue,
  };
  const run = async (action: string, input: JsonInput, request: IncomingMessage): Promise<object> => {
    validateInput(action, input);
    // fauxqs's handlers use only the request's headers.
    return Object(await handlers[action]?.(input, store, request as never)) as object;
  };
  const json = jsonService({
    service: SQS,
    maxBodyBytes: MAX_BODY_BYTES,
    invalidInputCode: "com.amazonaws.sqs#SerializationException",
    actions: Object.fromEntries(
      Object.keys(handlers).map((action) => [action, (input, request) => run(action, input, request)]),
    ),
  });
  return {
    services: [SQS],
    async handle(request, response, requested, form) {
      const { action } = requested;
      try {
        if (!form) return await json.handle(request, response, requested);
        const { host } = request.headers;
        const path = request.url?.split("?")[0] ?? "";
        // A request to a queue's URL may omit the QueueUrl parameter.
        const pathInput = /^\/\d{12}\/[\w.-]+$/.test(path) ? { QueueUrl: `http://${host}${path}` } : {};
        sendXml(
          response,
          formatQueryOutput(action, await run(action, { ...pathInput, ...parseQueryInput(action, form) }, request)),
        );
      } catch (error) {
        throw error instanceof SqsError ? awsError(error, form !== undefined) : error;
      }
    },
  };
}

function awsError({ code, queryCode, message, statusCode }: SqsError, isQuery: boolean): AwsError {
  const name = PREFIXED_CODES.includes(queryCode) ? `AWS.SimpleQueueService.${queryCode}` : queryCode;
  return isQuery
    ? new AwsError(name, message, statusCode)
    : new AwsError(`com.amazonaws.sqs#${code}`, message, statusCode, { "x-amzn-query-error": `${name};Sender` });
}
