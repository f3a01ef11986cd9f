import type { ServedService } from "./served-service";

export const SNS: ServedService = {
  name: "SNS",
  signingName: "sns",
  protocol: "query",
  queryVersion: "2010-03-31",
  actions: {
    ConfirmSubscription: "no subscription waits for it",
    CreateTopic: "",
    DeleteTopic: "",
    GetSubscriptionAttributes: "",
    GetTopicAttributes: "",
    ListSubscriptions: "",
    ListSubscriptionsByTopic: "",
    ListTagsForResource: "",
    ListTopics: "",
    Publish: "to topics; the signature is no signature",
    PublishBatch: "",
    SetSubscriptionAttributes: "",
    SetTopicAttributes: "policies are kept, and not enforced",
    Subscribe: "of `sqs` to any queue, and of `firehose` to the stack's streams; other protocols are refused",
    TagResource: "",
    Unsubscribe: "",
    UntagResource: "",
  },
};
