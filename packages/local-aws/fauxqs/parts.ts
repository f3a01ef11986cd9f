/**
 * The stores, routers and actions of fauxqs that the local run extends. fauxqs
 * exports only buildApp(), so they are imported by path, and its version is pinned.
 */
export {
  QueueDoesNotExistError,
  S3Error,
  SnsError,
  SqsError,
} from "../../../node_modules/fauxqs/dist/common/errors.js";
export { md5OfMessageAttributes } from "../../../node_modules/fauxqs/dist/common/md5.js";
export { escapeXml, snsSuccessResponse } from "../../../node_modules/fauxqs/dist/common/xml.js";
export { PersistenceManager } from "../../../node_modules/fauxqs/dist/persistence.js";
export { S3Store } from "../../../node_modules/fauxqs/dist/s3/s3Store.js";
export { createTopic } from "../../../node_modules/fauxqs/dist/sns/actions/createTopic.js";
export { SnsRouter } from "../../../node_modules/fauxqs/dist/sns/snsRouter.js";
export { SnsStore } from "../../../node_modules/fauxqs/dist/sns/snsStore.js";
export type { SnsMessageAttribute, SnsSubscription, SnsTopic } from "../../../node_modules/fauxqs/dist/sns/snsTypes.js";
export type { MessageSpy, SpyMessage } from "../../../node_modules/fauxqs/dist/spy.js";
export { createQueue } from "../../../node_modules/fauxqs/dist/sqs/actions/createQueue.js";
export { deleteMessage } from "../../../node_modules/fauxqs/dist/sqs/actions/deleteMessage.js";
export { deleteMessageBatch } from "../../../node_modules/fauxqs/dist/sqs/actions/deleteMessageBatch.js";
export { getQueueAttributes } from "../../../node_modules/fauxqs/dist/sqs/actions/getQueueAttributes.js";
export { receiveMessage } from "../../../node_modules/fauxqs/dist/sqs/actions/receiveMessage.js";
export { sendMessage } from "../../../node_modules/fauxqs/dist/sqs/actions/sendMessage.js";
export { sendMessageBatch } from "../../../node_modules/fauxqs/dist/sqs/actions/sendMessageBatch.js";
export { SqsRouter } from "../../../node_modules/fauxqs/dist/sqs/sqsRouter.js";
export { SqsQueue, SqsStore } from "../../../node_modules/fauxqs/dist/sqs/sqsStore.js";
export {
  ALL_ATTRIBUTE_NAMES,
  calculateMessageSize,
  INVALID_MESSAGE_BODY_CHAR,
  SETTABLE_ATTRIBUTES,
  SNS_MAX_MESSAGE_SIZE_BYTES,
  type SqsMessage,
} from "../../../node_modules/fauxqs/dist/sqs/sqsTypes.js";
