import type { SetTopicAttributesInput } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { invalidParameter } from "../errors";
import type { Sns } from "../sns";
import {
  DEFAULT_MAX_MESSAGE_BYTES,
  MAX_LARGE_MESSAGE_SUBSCRIPTIONS,
  validateTopicAttribute,
} from "../topic-attributes";

export const SetTopicAttributes: Action<SetTopicAttributesInput, undefined, Sns> = {
  handles: ["TopicArn", "AttributeName", "AttributeValue"],
  differs: "stores policies, and does not enforce them; sends no traces to X-Ray",
  run({ TopicArn, AttributeName: name = "", AttributeValue: value = "" }, sns) {
    const { stored, subscriptions } = sns.topic(TopicArn);
    if (!validateTopicAttribute(name, value)) return undefined;
    const isLarge = name === "MaximumMessageSize" && Number(value) > DEFAULT_MAX_MESSAGE_BYTES;
    if (isLarge && subscriptions.size > MAX_LARGE_MESSAGE_SUBSCRIPTIONS) {
      throw invalidParameter(
        `MaximumMessageSize: the topic has ${subscriptions.size} subscriptions, and the limit above ${DEFAULT_MAX_MESSAGE_BYTES} bytes is ${MAX_LARGE_MESSAGE_SUBSCRIPTIONS}`,
      );
    }
    const { [name]: _replaced, ...others } = stored.attributes;
    sns.saveTopic(stored.arn, value === "" ? others : { ...others, [name]: value }, stored.tags);
    return undefined;
  },
};
