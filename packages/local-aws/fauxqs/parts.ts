/**
 * fauxqs's stores and actions that the local run extends. fauxqs exports only
 * `buildApp()`, so they are imported by path, and package.json pins fauxqs's version.
 */
export {
  QueueDoesNotExistError,
  S3Error,
  SnsError,
  SqsError,
} from "../../../node_modules/fauxqs/dist/common/errors.js";
export { md5OfMessageAttributes } from "../../../node_modules/fauxqs/dist/common/md5.js";
export { snsSuccessResponse } from "../../../node_modules/fauxqs/dist/common/xml.js";
export { PersistenceManager } from "../../../node_modules/fauxqs/dist/persistence.js";
export { S3Store } from "../../../node_modules/fauxqs/dist/s3/s3Store.js";
export { confirmSubscription } from "../../../node_modules/fauxqs/dist/sns/actions/confirmSubscription.js";
export { createTopic } from "../../../node_modules/fauxqs/dist/sns/actions/createTopic.js";
export { deleteTopic } from "../../../node_modules/fauxqs/dist/sns/actions/deleteTopic.js";
export { getTopicAttributes } from "../../../node_modules/fauxqs/dist/sns/actions/getTopicAttributes.js";
export {
  listSubscriptions,
  listSubscriptionsByTopic,
} from "../../../node_modules/fauxqs/dist/sns/actions/listSubscriptions.js";
export { listTopics } from "../../../node_modules/fauxqs/dist/sns/actions/listTopics.js";
export { setTopicAttributes } from "../../../node_modules/fauxqs/dist/sns/actions/setTopicAttributes.js";
export {
  listTagsForResource,
  tagResource,
  untagResource,
} from "../../../node_modules/fauxqs/dist/sns/actions/tagResource.js";
export { unsubscribe } from "../../../node_modules/fauxqs/dist/sns/actions/unsubscribe.js";
export type { SnsActionHandler } from "../../../node_modules/fauxqs/dist/sns/snsRouter.js";
export { SnsStore } from "../../../node_modules/fauxqs/dist/sns/snsStore.js";
export type { SnsMessageAttribute, SnsSubscription, SnsTopic } from "../../../node_modules/fauxqs/dist/sns/snsTypes.js";
export type { MessageSpy, SpyMessage } from "../../../node_modules/fauxqs/dist/spy.js";
export { changeMessageVisibility } from "../../../node_modules/fauxqs/dist/sqs/actions/changeMessageVisibility.js";
export { changeMessageVisibilityBatch } from "../../../node_modules/fauxqs/dist/sqs/actions/changeMessageVisibilityBatch.js";
export { createQueue } from "../../../node_modules/fauxqs/dist/sqs/actions/createQueue.js";
export { deleteMessage } from "../../../node_modules/fauxqs/dist/sqs/actions/deleteMessage.js";
export { deleteMessageBatch } from "../../../node_modules/fauxqs/dist/sqs/actions/deleteMessageBatch.js";
export { deleteQueue } from "../../../node_modules/fauxqs/dist/sqs/actions/deleteQueue.js";
export { getQueueAttributes } from "../../../node_modules/fauxqs/dist/sqs/actions/getQueueAttributes.js";
export { getQueueUrl } from "../../../node_modules/fauxqs/dist/sqs/actions/getQueueUrl.js";
export { listQueueTags } from "../../../node_modules/fauxqs/dist/sqs/actions/listQueueTags.js";
export { purgeQueue } from "../../../node_modules/fauxqs/dist/sqs/actions/purgeQueue.js";
export { receiveMessage } from "../../../node_modules/fauxqs/dist/sqs/actions/receiveMessage.js";
export { sendMessage } from "../../../node_modules/fauxqs/dist/sqs/actions/sendMessage.js";
export { sendMessageBatch } from "../../../node_modules/fauxqs/dist/sqs/actions/sendMessageBatch.js";
export { setQueueAttributes } from "../../../node_modules/fauxqs/dist/sqs/actions/setQueueAttributes.js";
export { tagQueue } from "../../../node_modules/fauxqs/dist/sqs/actions/tagQueue.js";
export { untagQueue } from "../../../node_modules/fauxqs/dist/sqs/actions/untagQueue.js";
export type { SqsActionHandler } from "../../../node_modules/fauxqs/dist/sqs/sqsRouter.js";
export { SqsQueue, SqsStore } from "../../../node_modules/fauxqs/dist/sqs/sqsStore.js";
export {
  ALL_ATTRIBUTE_NAMES,
  calculateMessageSize,
  INVALID_MESSAGE_BODY_CHAR,
  SETTABLE_ATTRIBUTES,
  SNS_MAX_MESSAGE_SIZE_BYTES,
  type SqsMessage,
} from "../../../node_modules/fauxqs/dist/sqs/sqsTypes.js";
export { getCallerIdentity } from "../../../node_modules/fauxqs/dist/sts/getCallerIdentity.js";
