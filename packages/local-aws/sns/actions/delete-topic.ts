import type { DeleteTopicInput } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import { assertArn } from "../errors";
import type { Sns } from "../sns";

export const DeleteTopic: Action<DeleteTopicInput, undefined, Sns> = {
  handles: ["TopicArn"],
  run({ TopicArn = "" }, sns) {
    assertArn(TopicArn, "TopicArn");
    sns.deleteTopic(TopicArn);
    return undefined;
  },
};
