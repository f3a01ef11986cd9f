import type { GetTopicAttributesInput, GetTopicAttributesResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import type { Sns } from "../sns";
import { effectiveTopicAttributes } from "../topic-attributes";

export const GetTopicAttributes: Action<GetTopicAttributesInput, GetTopicAttributesResponse, Sns> = {
  handles: ["TopicArn"],
  run({ TopicArn }, sns) {
    const { stored, subscriptions } = sns.topic(TopicArn);
    return { Attributes: effectiveTopicAttributes(stored.arn, stored.attributes, subscriptions.size) };
  },
};
