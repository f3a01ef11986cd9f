import type { TagResourceRequest, TagResourceResponse } from "@aws-sdk/client-sns";
import type { Action } from "../../gateway/service";
import type { Sns } from "../sns";
import { addTags, taggedTopic } from "../tags";

export const TagResource: Action<TagResourceRequest, TagResourceResponse, Sns> = {
  handles: ["ResourceArn", "Tags.Key", "Tags.Value"],
  run({ ResourceArn, Tags = [] }, sns) {
    const { arn, attributes, tags } = taggedTopic(sns, ResourceArn).stored;
    sns.saveTopic(arn, attributes, addTags(tags, Tags));
    return {};
  },
};
