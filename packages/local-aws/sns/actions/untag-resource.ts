import type { UntagResourceRequest, UntagResourceResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import type { Sns } from "../sns";
import { taggedTopic } from "../tags";

export const UntagResource: Action<UntagResourceRequest, UntagResourceResponse, Sns> = {
  handles: ["ResourceArn", "TagKeys"],
  run({ ResourceArn, TagKeys = [] }, sns) {
    const { arn, attributes, tags } = taggedTopic(sns, ResourceArn).stored;
    const kept = tags.filter(({ Key = "" }) => !TagKeys.includes(Key));
    sns.saveTopic(arn, attributes, kept);
    return {};
  },
};
