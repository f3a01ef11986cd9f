import type { ServiceDefinition } from "../gateway/service";
import { AwsError } from "../protocols/aws-error";
import { schemasOf } from "../protocols/shape";
import { ConfirmSubscription } from "./actions/confirm-subscription";
import { CreateTopic } from "./actions/create-topic";
import { DeleteTopic } from "./actions/delete-topic";
import { GetSubscriptionAttributes } from "./actions/get-subscription-attributes";
import { GetTopicAttributes } from "./actions/get-topic-attributes";
import { ListSubscriptions } from "./actions/list-subscriptions";
import { ListSubscriptionsByTopic } from "./actions/list-subscriptions-by-topic";
import { ListTagsForResource } from "./actions/list-tags-for-resource";
import { ListTopics } from "./actions/list-topics";
import { Publish } from "./actions/publish";
import { PublishBatch } from "./actions/publish-batch";
import { SetSubscriptionAttributes } from "./actions/set-subscription-attributes";
import { SetTopicAttributes } from "./actions/set-topic-attributes";
import { Subscribe } from "./actions/subscribe";
import { TagResource } from "./actions/tag-resource";
import { Unsubscribe } from "./actions/unsubscribe";
import { UntagResource } from "./actions/untag-resource";
import { invalidParameter } from "./errors";
import type { Sns } from "./sns";

export const SNS: ServiceDefinition<Sns> = {
  name: "SNS",
  schemas: schemasOf("sns"),
  signingName: "sns",
  protocols: ["query"],
  queryVersion: "2010-03-31",
  xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
  // The gateway limits forms.
  maxBodyBytes: 6 * 1024 * 1024,
  unparsableCode: "MalformedQueryString",
  invalidInput({ path, kind, message }) {
    if (kind === "type") return invalidParameter(message);
    if (!/[.[]/.test(path)) return invalidParameter(`${path} Reason: no value for required parameter`);
    return new AwsError(
      "ValidationError",
      `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`,
    );
  },
  actions: {
    ConfirmSubscription,
    CreateTopic,
    DeleteTopic,
    GetSubscriptionAttributes,
    GetTopicAttributes,
    ListSubscriptions,
    ListSubscriptionsByTopic,
    ListTagsForResource,
    ListTopics,
    Publish,
    PublishBatch,
    SetSubscriptionAttributes,
    SetTopicAttributes,
    Subscribe,
    TagResource,
    Unsubscribe,
    UntagResource,
  },
};
