import type { ServedService } from "./served-service";

export const SNS: ServedService = {
  name: "SNS",
  signingName: "sns",
  protocol: "query",
  queryVersion: "2010-03-31",
  actions: {
    ConfirmSubscription: "",
    CreateTopic: "",
    DeleteTopic: "",
    GetSubscriptionAttributes: "",
    GetTopicAttributes: "",
    ListSubscriptions: "",
    ListSubscriptionsByTopic: "",
    ListTagsForResource: "",
    ListTopics: "",
    Publish: "",
    PublishBatch: "",
    SetSubscriptionAttributes: "",
    SetTopicAttributes: "policies are kept, and not enforced",
    Subscribe: "",
    TagResource: "",
    Unsubscribe: "",
    UntagResource: "",
  },
};
